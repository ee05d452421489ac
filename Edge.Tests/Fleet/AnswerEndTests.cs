using System.Net.Sockets;
using System.Text;
using Edge.Config;
using Edge.Fleet;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

/// <summary>What a replica sees of the end of a health check.</summary>
public sealed class AnswerEndTests
{
    private const int Large = 200_000;

    public static TheoryData<string, int, bool> Answers => new()
    {
        { $"HTTP/1.1 200 OK\r\nContent-Length: {Large}\r\n\r\n", Large, false },
        { "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", Large, true },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n", Large, true },
        { "HTTP/1.1 500 No\r\ncontent-length:  3 \r\n\r\n", 3, false },
        { $"HTTP/1.1 200 OK\r\nX: {new string('x', 30_000)}\r\nContent-Length: 5\r\n\r\n", 5, true },
        { "HTTP/1.1 204 No Content\r\nContent-Length: 99\r\n\r\n", 0, false },
        { "HTTP/1.1 304 Not Modified\r\n\r\n", 0, false },
        { "HTTP/1.1 200 OK\r\n\r\n", 0, true },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task An_answer_is_read_to_its_end_so_that_no_reset_meets_the_replica(string head, int body, bool closes)
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = new Backend(wire => AnswerAsync(wire, head + new string('b', body), closes, ended));
        Assert.Equal(int.Parse(head[9..12]),
            await new HealthCheck(new ObservedReplica("id", "a", backend.Address, 1), new HealthOptions()).AskAsync(TestContext.Current.CancellationToken));
        Assert.Equal("end", await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_answer_without_end_is_left_when_there_is_enough_of_it()
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend =
            new Backend(wire => AnswerAsync(wire, "HTTP/1.1 200 OK\r\n\r\n" + new string('b', 64 * AnswerEnd.BytesAtMost), closes: false, ended));
        Assert.Equal(200,
            await new HealthCheck(new ObservedReplica("id", "a", backend.Address, 1), new HealthOptions()).AskAsync(TestContext.Current.CancellationToken));
        Assert.Equal("reset", await ended.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_status_of_an_answer_that_takes_too_long_to_end_counts()
    {
        await using var backend = new Backend(async wire =>
        {
            await wire.ReadHeadAsync();
            await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab");
            await wire.ReadToEndAsync();
        });
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        Assert.Equal(200, await new HealthCheck(new ObservedReplica("id", "a", backend.Address, 1), new HealthOptions()).AskAsync(patience.Token));
        Assert.True(patience.IsCancellationRequested);
    }

    private static async Task AnswerAsync(Wire wire, string answer, bool closes, TaskCompletionSource<string> ended)
    {
        try
        {
            await wire.ReadHeadAsync();
            byte[] bytes = Encoding.ASCII.GetBytes(answer);
            for (int at = 0; at < bytes.Length; at += 50_000)
            {
                // In pieces: a check that goes at the status meets those that come later.
                await wire.SendAsync(bytes.AsMemory(at, Math.Min(50_000, bytes.Length - at)));
                await Task.Yield();
            }

            if (closes)
            {
                wire.Finish();
            }

            Assert.Equal("", await wire.ReadToEndAsync());
            ended.TrySetResult("end");
        }
        catch (SocketException)
        {
            ended.TrySetResult("reset");
        }
    }
}
