using Edge.Io;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Proxy;

/// <summary>
/// Clients that end a connection of TLS, in each way and in each of its states. Whatever they do, their connection ends, the request is accounted for (which
/// the balancer's disposal holds) and others are served.
/// </summary>
public sealed class TlsEndTests : IDisposable
{
    private const string Get = "GET /x HTTP/1.1\r\nHost: example.org\r\n\r\n";
    private const string Post = "POST /x HTTP/1.1\r\nHost: example.org\r\nContent-Length: 10\r\n\r\n12345";

    private readonly TlsFrontend _tls = TestFrontend.New();

    /// <summary>How far a connection has come.</summary>
    public enum State
    {
        Connected,
        HalfHello,
        HelloSaid,
        ServerHasSpoken,
        Open,
        HalfHead,
        HalfBody,
        Answering,
        Answered,
    }

    /// <summary>How the client ends it.</summary>
    public enum ClientEnd
    {
        /// <summary>close_notify (RFC 8446 §6.1), then the end.</summary>
        Said,

        /// <summary>close_notify, and the client's direction stays open.</summary>
        SaidOnly,

        /// <summary>A fatal alert, internal_error.</summary>
        Alert,

        /// <summary>An alert without protection, where there are keys.</summary>
        PlainAlert,

        /// <summary>An alert of one byte.</summary>
        HalfAlert,

        /// <summary>An alert that is none.</summary>
        UnknownAlert,

        /// <summary>The end of the connection without a word.</summary>
        Silent,

        /// <summary>A handshake message where none is due.</summary>
        Message,

        /// <summary>A change of cipher where none is due.</summary>
        ChangeCipher,

        /// <summary>Bytes that are no record.</summary>
        Garbage,
    }

    public void Dispose() => _tls.Dispose();

    public static TheoryData<State, ClientEnd> All()
    {
        var all = new TheoryData<State, ClientEnd>();
        foreach (State state in Enum.GetValues<State>())
        {
            foreach (ClientEnd end in Enum.GetValues<ClientEnd>())
            {
                all.Add(state, end);
            }
        }

        return all;
    }

    [Theory]
    [MemberData(nameof(All))]
    public async Task A_connection_that_its_client_ends_is_over_and_others_are_served(State state, ClientEnd end)
    {
        var mayAnswer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TestBalancer balancer = TestBalancer.WithTls(
            _tls, o => o with { Loops = 1, Timeouts = o.Timeouts with { TlsHandshake = TimeSpan.FromMilliseconds(300) } },
            new Backend(async wire =>
            {
                while (true)
                {
                    Message request = await wire.ReadMessageAsync();
                    await wire.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha");
                    await (request.StartLine.StartsWith("GET /x", StringComparison.Ordinal) && state == State.Answering ? mayAnswer.Task : Task.CompletedTask);
                    await wire.SendAsync("lf");
                }
            }));
        using RawTls client = await RawTls.ConnectAsync(balancer.Plane.Endpoint);
        await BringAsync(client, state);

        // The server may end the connection before the client has said everything.
        await client.TrySendAsync(Bytes(client, end));
        if (end is ClientEnd.Said or ClientEnd.Silent)
        {
            client.FinishSending();
        }

        mayAnswer.SetResult();
        if (end == ClientEnd.SaidOnly && state >= State.Open)
        {
            // It may still read its answer; then this side ends, too.
            client.FinishSending();
        }

        await client.DrainAsync();

        await Quiet.UntilAsync(() => balancer.Plane.Figures(0).Clients == 0, "the client is gone");
        Assert.Equal("half", (await balancer.AskAsync("GET /other HTTP/1.1\r\nHost: example.org\r\n\r\n")).Text);
    }

    private static async Task BringAsync(RawTls client, State state)
    {
        byte[] hello = RawTls.Plain(RawTls.Handshake, client.ClientHello());
        if (state >= State.HalfHello)
        {
            await client.SendAsync(state == State.HalfHello ? hello[..40] : hello);
        }

        if (state >= State.ServerHasSpoken)
        {
            await client.ReadServerPartAsync();
        }

        if (state >= State.Open)
        {
            await client.SendAsync(client.Sends!.Seal(RawTls.Handshake, client.FinishedMessage()));
            client.UseTrafficKeys();
        }

        if (state >= State.HalfHead)
        {
            await client.SendTextAsync(state switch { State.HalfHead => Get[..20], State.HalfBody => Post, _ => Get });
        }

        if (state >= State.Answering)
        {
            await client.ReadUntilAsync(state == State.Answered ? "half" : "ha");
        }
    }

    private static byte[] Bytes(RawTls client, ClientEnd end)
    {
        (byte type, byte[] content) = end switch
        {
            ClientEnd.Said or ClientEnd.SaidOnly => (RawTls.Alert, (byte[])[1, 0]),
            ClientEnd.Alert or ClientEnd.PlainAlert => (RawTls.Alert, [2, 80]),
            ClientEnd.HalfAlert => (RawTls.Alert, [2]),
            ClientEnd.UnknownAlert => (RawTls.Alert, [7, 255]),
            ClientEnd.Message => (RawTls.Handshake, [20, 0, 0, 4, 1, 2, 3, 4]),
            ClientEnd.ChangeCipher => ((byte)20, [1]),
            _ => ((byte)0, []),
        };
        return end switch
        {
            ClientEnd.Silent => [],
            ClientEnd.Garbage => [.. Enumerable.Range(1, 200).Select(i => (byte)(i * 37))],
            ClientEnd.PlainAlert or ClientEnd.ChangeCipher => RawTls.Plain(type, content),
            _ => client.Sends?.Seal(type, content) ?? RawTls.Plain(type, content),
        };
    }
}
