using System.Text;
using Edge.Config;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Fleet;

namespace Edge.Tests.Telemetry;

public sealed class AccessLogTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"edge-{Guid.NewGuid():N}.log");
    private readonly StringWriter _text = new();

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void A_ring_takes_lines_whole_or_not_at_all()
    {
        var ring = new AccessRing();
        byte[] line = [.. Enumerable.Repeat((byte)'x', 1000), (byte)'\n'];
        int taken = 0;
        while (ring.TryWrite(line))
        {
            taken++;
        }

        Assert.Equal((Limits.AccessRingBytes / line.Length, taken * line.Length), (taken, ring.Fill));
        ring.Advance(line.Length);
        Assert.True(ring.TryWrite(line));
        Assert.False(ring.TryWrite(line));
        int read = 0;
        while (ring.Peek() is { IsEmpty: false } piece)
        {
            read += piece.Length;
            ring.Advance(piece.Length);
        }

        Assert.Equal((taken * line.Length, 0), (read, ring.Fill));
    }

    [Fact]
    public async Task What_several_threads_write_arrives_whole_and_in_their_order()
    {
        const int Lines = 20_000;
        using (AccessLog log = Log(_file))
        {
            await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Task.Run(() => WriteAsync(log, i))));
        }

        string[] lines = await File.ReadAllLinesAsync(_file, TestContext.Current.CancellationToken);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(
                Enumerable.Range(0, Lines).Select(n => $"thread {i} line {n}"), lines.Where(l => l.StartsWith($"thread {i} ", StringComparison.Ordinal)));
        }

        Assert.Equal(3 * Lines, lines.Length);

        static void WriteAsync(AccessLog log, int thread)
        {
            AccessRing ring = log.Join();
            for (int n = 0; n < Lines; n++)
            {
                // A loop would drop it; here all have to arrive.
                while (!ring.TryWrite(Encoding.UTF8.GetBytes($"thread {thread} line {n}\n")))
                {
                    log.OnWritten(ring);
                    Thread.Yield();
                }

                log.OnWritten(ring);
            }
        }
    }

    [Fact]
    public async Task A_file_that_was_renamed_is_opened_anew_when_that_is_asked_for()
    {
        using AccessLog log = Log(_file);
        AccessRing ring = log.Join();
        Write(log, ring, "one\n");
        await Quiet.UntilAsync(() => Read(_file) == "one\n", "the first line is there");
        File.Move(_file, _file + ".1");
        Write(log, ring, "two\n");
        await Quiet.UntilAsync(() => Read(_file + ".1") == "one\ntwo\n", "the second follows it");
        log.Reopen(_file);
        await Quiet.UntilAsync(() =>
        {
            Write(log, ring, "three\n");
            return Read(_file).StartsWith("three\n", StringComparison.Ordinal);
        }, "the new file is written to");
        Assert.Equal(0, log.Errors);
        File.Delete(_file + ".1");
    }

    [Fact]
    public async Task Where_the_file_cannot_be_written_that_is_counted_and_said_once()
    {
        using AccessLog log = Log("/nowhere/at/all");
        AccessRing ring = log.Join();
        Write(log, ring, "one\ntwo\n");
        await Quiet.UntilAsync(() => log.Lost == 2, "they are lost");
        Write(log, ring, "three\n");
        await Quiet.UntilAsync(() => log.Lost == 3, "it is lost");
        Assert.Single(_text.ToString().Split('\n'), l => l.Contains(" error access_log_failed file=/nowhere/at/all why=", StringComparison.Ordinal));
        log.Reopen(_file);
        await Quiet.UntilAsync(() =>
        {
            Write(log, ring, "four\n");
            return Read(_file).Length > 0;
        }, "it is written again");
    }

    private AccessLog Log(string file) => new(file, new Log(_text, new FakeTime(new Journal())));

    private static void Write(AccessLog log, AccessRing ring, string lines)
    {
        Assert.True(ring.TryWrite(Encoding.UTF8.GetBytes(lines)));
        log.OnWritten(ring);
    }

    private static string Read(string file) => File.Exists(file) ? File.ReadAllText(file) : "";
}
