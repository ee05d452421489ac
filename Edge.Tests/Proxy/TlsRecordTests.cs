using Edge.Io;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>Records that are odd, too long, too many, or not from this session (RFC 8446 §5).</summary>
public sealed class TlsRecordTests : IDisposable
{
    private const string Head = "POST /x HTTP/1.1\r\nHost: example.org\r\nContent-Length: ";
    private const string Get = "GET /x HTTP/1.1\r\nHost: example.org\r\n\r\n";
    private const int UnexpectedMessage = 10;
    private const int BadRecordMac = 20;
    private const int RecordOverflow = 22;
    private const int MostContent = 16 * 1024;

    private readonly TlsFrontend _tls = TestFrontend.New();

    public void Dispose() => _tls.Dispose();

    [Theory]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(1, 5000)]
    [InlineData(100, MostContent - 100)]
    [InlineData(MostContent - 1, 0)]
    [InlineData(MostContent - 1, 1)]
    [InlineData(MostContent, 0)]
    public async Task Records_of_every_allowed_size_carry_a_body(int content, int padding)
    {
        await using TestBalancer balancer = Balancer();
        using RawTls client = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        byte[] body = [.. Enumerable.Range(0, content).Select(i => (byte)('a' + i % 26))];
        await client.SendTextAsync($"{Head}{3 * content}\r\n\r\n");
        for (int i = 0; i < 3; i++)
        {
            await client.SendAsync(client.Sends!.Seal(RawTls.ApplicationData, body, padding));
            await client.SendAsync(client.Sends!.Seal(RawTls.ApplicationData, [], padding));
        }

        Assert.Contains($"Content-Length: {3 * content}\r\n", await client.ReadUntilAsync((char)body[^1] + "", 3 * content), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(MostContent + 1)]
    [InlineData(MostContent + 200)]
    public async Task A_record_with_too_much_in_it_ends_the_connection(int content)
    {
        await using TestBalancer balancer = Balancer();
        using RawTls client = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        await client.SendAsync(client.Sends!.Seal(RawTls.ApplicationData, new byte[content]));
        Assert.Equal(("", RecordOverflow), await client.ReadToEndAsync());
        await IsServedAsync(balancer);
    }

    [Theory]
    [InlineData(MostContent + 257, RecordOverflow)]
    [InlineData(ushort.MaxValue, RecordOverflow)]
    [InlineData(0, -2)]
    [InlineData(16, -2)]
    public async Task A_header_with_a_length_that_cannot_be_ends_the_connection(int length, int alert)
    {
        await using TestBalancer balancer = Balancer();
        using RawTls client = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        await client.SendAsync([RawTls.ApplicationData, 3, 3, (byte)(length >> 8), (byte)length, .. new byte[Math.Min(length, 16)]]);
        (string text, int got) = await client.ReadToEndAsync();
        Assert.Equal("", text);
        Assert.True(alert == -2 ? got >= 0 : got == alert, $"alert {got}");
        await IsServedAsync(balancer);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(MostContent + 257)]
    [InlineData(ushort.MaxValue)]
    public async Task A_first_record_with_a_length_that_cannot_be_ends_the_connection(int length)
    {
        await using TestBalancer balancer = Balancer();
        using RawTls client = await RawTls.ConnectAsync(balancer.Plane.Endpoint);
        await client.SendAsync([RawTls.Handshake, 3, 1, (byte)(length >> 8), (byte)length, .. new byte[Math.Min(length, 64)]]);
        client.FinishSending();
        (string text, _) = await client.ReadToEndAsync();
        Assert.Equal("", text);
        await IsServedAsync(balancer);
    }

    [Fact]
    public async Task A_record_that_is_changed_or_sent_twice_ends_the_connection()
    {
        await using TestBalancer balancer = Balancer();
        using RawTls changed = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        byte[] record = changed.Sends!.Seal(RawTls.ApplicationData, "GET / HTTP/1.1\r\n"u8);
        record[10] ^= 1;
        await changed.SendAsync(record);
        Assert.Equal(("", BadRecordMac), await changed.ReadToEndAsync());

        using RawTls twice = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        record = twice.Sends!.Seal(RawTls.ApplicationData, "GET / HTTP/1.1\r\n"u8);
        await twice.SendAsync([.. record, .. record]);
        Assert.Equal(("", BadRecordMac), await twice.ReadToEndAsync());
        await IsServedAsync(balancer);
    }

    [Fact]
    public async Task A_request_whose_records_come_byte_by_byte_is_answered()
    {
        await using TestBalancer balancer = Balancer();
        using RawTls client = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        foreach (char c in Get)
        {
            byte[] record = client.Sends!.Seal(RawTls.ApplicationData, [(byte)c]);
            await client.SendAsync(record[..1]);
            await client.SendAsync(record[1..5]);
            await client.SendAsync(record[5..]);
        }

        await client.ReadUntilAsync("\r\n\r\n");
    }

    [Theory]
    [InlineData(30, true)]
    [InlineData(5000, false)]
    public async Task A_few_empty_records_are_let_pass_and_a_flood_of_them_ends_the_connection(int count, bool isServed)
    {
        await using TestBalancer balancer = Balancer();
        using RawTls client = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        await client.SendAsync([.. Enumerable.Range(0, count).SelectMany(_ => client.Sends!.Seal(RawTls.ApplicationData, []))]);
        if (isServed)
        {
            await client.SendTextAsync(Get);
            await client.ReadUntilAsync("\r\n\r\n");
        }
        else
        {
            Assert.Equal(("", UnexpectedMessage), await client.ReadToEndAsync());
            await IsServedAsync(balancer);
        }
    }

    [Fact]
    public async Task Keys_change_in_the_middle_of_a_request_and_of_a_connection()
    {
        await using TestBalancer balancer = Balancer();
        using RawTls client = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        for (int i = 0; i < 40; i++)
        {
            await client.SendTextAsync(Get[..20]);
            await client.SendAsync(client.KeyUpdate(asksForOne: i % 2 == 0));
            await client.SendTextAsync(Get[20..]);
            Assert.StartsWith("HTTP/1.1 200 ", await client.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        }
    }

    // Each change costs the server as much as a small request, and a client may send hundreds of them in the space of one record.
    [Fact]
    public async Task A_flood_of_changes_of_keys_ends_the_connection()
    {
        await using TestBalancer balancer = Balancer();
        using RawTls client = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        await client.SendAsync([.. Enumerable.Range(0, 2000).SelectMany(_ => client.KeyUpdate())]);
        (string text, _) = await client.ReadToEndAsync();
        Assert.Equal("", text);
        await IsServedAsync(balancer);
    }

    // Each of these records brings a byte, so that they are no flood of changes alone; their answers are more than what the client takes.
    [Fact]
    public async Task A_client_that_asks_for_changes_of_keys_and_reads_no_answer_is_cut()
    {
        await using TestBalancer balancer = Balancer();
        using RawTls client = await RawTls.OpenAsync(balancer.Plane.Endpoint, receiveBuffer: 4096);
        await client.SendTextAsync("POST /x HTTP/1.1\r\nHost: example.org\r\nTransfer-Encoding: chunked\r\n\r\n");
        await client.SendTextAsync("FFFFFF\r\n");
        bool isCut = false;
        for (int i = 0; i < 200 && !isCut; i++)
        {
            byte[] some = [.. Enumerable.Range(0, 100).SelectMany(
                _ => (byte[])[.. client.KeyUpdate(asksForOne: true), .. client.Sends!.Seal(RawTls.ApplicationData, "x"u8)])];
            isCut = !await client.TrySendAsync(some);
        }

        Assert.True(isCut);
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Clients == 0, "the client is gone");
    }

    private TestBalancer Balancer() => TestBalancer.WithTls(_tls, o => o with { Loops = 1 }, new Backend(async wire =>
    {
        while (true)
        {
            Message request = await wire.ReadMessageAsync();
            await wire.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {request.Body.Length}\r\n\r\n");
            await wire.SendAsync(request.Body);
        }
    }));

    private static async Task IsServedAsync(TestBalancer balancer)
    {
        using RawTls client = await RawTls.OpenAsync(balancer.Plane.Endpoint);
        await client.SendTextAsync(Get);
        Assert.StartsWith("HTTP/1.1 200 ", await client.ReadUntilAsync("\r\n\r\n"), StringComparison.Ordinal);
        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Clients == 1, "only the client that is served is there");
    }
}
