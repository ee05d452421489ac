using System.Text;
using Edge.Config;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Telemetry;

public sealed class BackgroundWriterTests
{
    [Fact]
    public async Task A_reader_that_is_stuck_delays_no_writer()
    {
        using var reader = new Reader { IsStuck = true };
        var losses = new List<long>();
        var writer = new BackgroundWriter(reader);
        writer.Lost += losses.Add;
        writer.WriteLine("first");
        await reader.Reached.Task;
        for (int i = 0; i < Limits.OutputPieces + 5; i++)
        {
            writer.WriteLine($"line {i}");
        }

        reader.Release();
        writer.Dispose();
        Assert.Equal(["first", .. Enumerable.Range(0, Limits.OutputPieces).Select(i => $"line {i}")], reader.Lines());
        Assert.Equal([5], losses);
    }

    [Fact]
    public async Task A_full_disk_fails_no_writer_and_is_reported_afterwards()
    {
        using var reader = new Reader { IsFull = true };
        var lost = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var writer = new BackgroundWriter(reader);
        writer.Lost += n => lost.TrySetResult(n);
        writer.Write("one\n");
        writer.Write("two\n");
        await Quiet.UntilAsync(() => reader.Failures == 2, "both have failed");
        reader.IsFull = false;
        writer.Write("three\n");
        Assert.Equal(2, await lost.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        Assert.Equal(["three"], reader.Lines());
    }

    /// <summary>A pipe that a process writes to, with a reader at the other end.</summary>
    private sealed class Reader : MemoryStream
    {
        private readonly ManualResetEventSlim _released = new();
        private int _failures;

        internal bool IsStuck { get; init; }

        internal volatile bool IsFull;

        internal int Failures => Volatile.Read(ref _failures);

        internal TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal void Release() => _released.Set();

        internal string[] Lines() => Encoding.UTF8.GetString(ToArray()).TrimEnd('\n').Split('\n');

        public override void Write(byte[] buffer, int offset, int count)
        {
            Reached.TrySetResult();
            if (IsStuck)
            {
                _released.Wait();
            }

            if (IsFull)
            {
                Interlocked.Increment(ref _failures);
                throw new IOException("No space left on device");
            }

            base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer) => Write(buffer.ToArray(), 0, buffer.Length);

        protected override void Dispose(bool disposing)
        {
            _released.Dispose();
            base.Dispose(disposing);
        }
    }
}
