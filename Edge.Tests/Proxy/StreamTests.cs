using System.Text;
using System.Threading.Channels;
using Edge.Config;
using Edge.Contract;
using Edge.Proxy;
using Edge.Tests.Backends;

namespace Edge.Tests.Proxy;

/// <summary>Answers of the control plane that have no known end.</summary>
public class StreamTests
{
    private const string Get = "GET /edge/events HTTP/1.1\r\nHost: h\r\n\r\n";

    private readonly Channel<byte[]> _pieces = Channel.CreateUnbounded<byte[]>();
    private readonly TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _asked;

    [Fact]
    public async Task Pieces_arrive_as_they_come_and_the_connection_goes_on_behind_the_end()
    {
        await using TestBalancer balancer = Balancer();
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        string head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 200 OK\r\n", head, StringComparison.Ordinal);
        Assert.Contains("Transfer-Encoding: chunked\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Content-Length", head, StringComparison.Ordinal);
        Give("one");
        Assert.Equal("3\r\none\r\n", await TextAsync(client, 8));
        string longest = new('x', Limits.LocalReplyPieceBytes);
        Give(longest);
        Assert.Equal($"{longest.Length:x}\r\n{longest}\r\n", await TextAsync(client, longest.Length + 8));
        _pieces.Writer.Complete();
        Assert.Equal("0\r\n\r\n", await TextAsync(client, 5));
        await _abandoned.Task;
        await client.SendAsync("GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n");
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_body_that_is_too_large_to_be_sent_at_once_comes_whole_in_pieces()
    {
        byte[] body = new byte[(3 * Limits.OwnBodyBytes) + 5];
        new Random(1).NextBytes(body);
        await using var balancer = new TestBalancer(
            s => s, _ => Task.FromResult(new ControlResponse(200, body, [new("Content-Type", "text/plain")])));
        using Wire client = await balancer.ConnectAsync();
        for (int i = 0; i < 2; i++)
        {
            await client.SendAsync("GET /edge/metrics HTTP/1.1\r\nHost: h\r\n\r\n");
            Message answer = await client.ReadMessageAsync();
            Assert.Equal((200, "chunked", "text/plain"), (answer.Status, answer.Field("Transfer-Encoding"), answer.Field("Content-Type")));
            Assert.Equal(body, answer.Body);
        }
    }

    [Fact]
    public async Task A_request_that_was_sent_ahead_is_answered_behind_the_end()
    {
        await using TestBalancer balancer = Balancer();
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get + "GET /heartbeat HTTP/1.1\r\nHost: h\r\n\r\n");
        Give("one");
        _pieces.Writer.Complete();
        Assert.Equal("one", (await client.ReadMessageAsync()).Text);
        Assert.Equal(200, (await client.ReadMessageAsync()).Status);
    }

    [Fact]
    public async Task A_client_of_HTTP_1_0_gets_the_pieces_as_they_are_and_the_end_of_the_connection()
    {
        await using TestBalancer balancer = Balancer();
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync("GET /edge/events HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        Give("one");
        Give("two");
        _pieces.Writer.Complete();
        string all = await client.ReadToEndAsync();
        Assert.EndsWith("\r\n\r\nonetwo", all, StringComparison.Ordinal);
        Assert.Contains("Connection: close\r\n", all, StringComparison.Ordinal);
        Assert.DoesNotContain("Transfer-Encoding", all, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_leaves_is_noticed(bool byReset)
    {
        await using TestBalancer balancer = Balancer();
        Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await client.ReadHeadAsync();
        if (byReset)
        {
            client.Reset();
        }

        client.Dispose();
        await _abandoned.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await Quiet.UntilAsync(() => balancer.Plane.Report().Sum(l => l.Connections) == 0, "its connection is closed");
    }

    [Fact]
    public async Task A_client_that_leaves_before_the_answer_is_noticed()
    {
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        await using TestBalancer balancer = new(null, async _ =>
        {
            asked.SetResult();
            await answer.Task;
            return Answer();
        });
        Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        await asked.Task;
        client.Reset();
        client.Dispose();
        await Quiet.UntilAsync(() => balancer.Plane.Report().Sum(l => l.Connections) == 0, "its connection is closed");
        answer.SetResult();
        await _abandoned.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Nothing_is_asked_for_while_the_client_does_not_read_and_in_the_end_it_is_cut()
    {
        await using TestBalancer balancer = Balancer(s => s with { Timeouts = new() { BodyIdle = TimeSpan.FromSeconds(1) } });
        using Wire client = await balancer.ConnectAsync();
        await client.SendAsync(Get);
        for (int i = 0; i < 2000; i++)
        {
            Give(new string('x', Limits.LocalReplyPieceBytes));
        }

        await _abandoned.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.InRange(Volatile.Read(ref _asked), 2, 1999);
    }

    [Fact]
    public async Task The_end_of_the_process_is_not_held_up()
    {
        TestBalancer balancer = Balancer();
        using Wire quiet = await balancer.ConnectAsync();
        await quiet.SendAsync(Get);
        await quiet.ReadHeadAsync();
        Task ended = balancer.Plane.StopAsync(TimeSpan.FromMinutes(5));
        await ended.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await _abandoned.Task;
    }

    private TestBalancer Balancer(Func<EdgeOptions, EdgeOptions>? change = null) =>
        new(change, request => Task.FromResult(request.Path == "/edge/events" ? Answer() : new ControlResponse(404, default, [])));

    private ControlResponse Answer() => new(200, default, [new("Content-Type", "text/event-stream")])
    {
        Stream = new ControlStream(NextAsync, () => _abandoned.TrySetResult()),
    };

    private async ValueTask<ReadOnlyMemory<byte>> NextAsync()
    {
        Interlocked.Increment(ref _asked);
        Task<bool> more = _pieces.Reader.WaitToReadAsync(TestContext.Current.CancellationToken).AsTask();
        await Task.WhenAny(more, _abandoned.Task);
        return more.IsCompletedSuccessfully && more.Result && _pieces.Reader.TryRead(out byte[]? piece) ? piece : default;
    }

    private static async Task<string> TextAsync(Wire client, int length) => Encoding.Latin1.GetString(await client.ReadExactlyAsync(length));

    private void Give(string piece) => _pieces.Writer.TryWrite(Encoding.ASCII.GetBytes(piece));
}
