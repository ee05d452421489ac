using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Edge.Io;
using Edge.Tests.Tls;

namespace Edge.Tests.Io;

/// <summary>Sessions of a loop against .NET's, with random sizes of what is written and read, and random splits of the records between them.</summary>
public sealed class TlsSplitTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TlsFrontend _tls = TestFrontend.New();

    public void Dispose() => _tls.Dispose();

    // EDGE_TLS_SESSIONS asks for more of them.
    [Theory]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, false)]
    [InlineData(SslProtocols.Tls13, true)]
    public async Task However_records_are_split_all_bytes_come_back_in_order(SslProtocols version, bool batchesSends)
    {
        int sessions = int.Parse(Environment.GetEnvironmentVariable("EDGE_TLS_SESSIONS") ?? "20", CultureInfo.InvariantCulture);
        await using var loop = new TestLoop(batchesSends);
        for (int seed = 0; seed < sessions; seed++)
        {
            await TalkAsync(loop, version, seed);
        }
    }

    private async Task TalkAsync(TestLoop loop, SslProtocols version, int seed)
    {
        var random = new Random(seed);
        var accepted = new TaskCompletionSource<TlsEcho>(TaskCreationOptions.RunContinuationsAsynchronously);
        Listener listener = await loop.ListenAsync(fd => accepted.SetResult(new TlsEcho(loop, fd, _tls)));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, listener.Endpoint.Port), TestContext.Current.CancellationToken);
        await using var client = new SslStream(new SplittingStream(new NetworkStream(socket, ownsSocket: true), new Random(seed)), leaveInnerStreamOpen: false);
        await client.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "example.org",
            EnabledSslProtocols = version,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
        }, TestContext.Current.CancellationToken).WaitAsync(s_patience, TestContext.Current.CancellationToken);
        TlsEcho server = await accepted.Task;
        byte[] sent = new byte[random.Next(1, 200_000)], got = new byte[sent.Length];
        random.NextBytes(sent);
        Task writing = WriteAsync(client, sent, new Random(seed + 1));
        for (int have = 0; have < got.Length;)
        {
            int length = Math.Min(got.Length - have, random.Next(1, 20_000));
            int read = await client.ReadAsync(got.AsMemory(have, length), TestContext.Current.CancellationToken)
                .AsTask().WaitAsync(s_patience, TestContext.Current.CancellationToken);
            Assert.True(read > 0, $"seed {seed}: it ended after {have} of {got.Length} bytes");
            have += read;
        }

        await writing.WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.True(sent.AsSpan().SequenceEqual(got), $"seed {seed}: the bytes are not the same");
        await client.ShutdownAsync();
        Assert.Equal(0, await server.Ended.Task.WaitAsync(s_patience, TestContext.Current.CancellationToken));
        Assert.True(server.WasToldOfTheEnd, $"seed {seed}");
    }

    private static async Task WriteAsync(SslStream client, byte[] bytes, Random random)
    {
        for (int at = 0; at < bytes.Length;)
        {
            int length = Math.Min(bytes.Length - at, random.Next(3) == 0 ? random.Next(1, 40) : random.Next(1, 40_000));
            await client.WriteAsync(bytes.AsMemory(at, length));
            at += length;
        }
    }
}
