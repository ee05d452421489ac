using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Tests.Tls;

/// <summary>
/// A client of TLS 1.3 (RFC 8446), written here so that a test can send what no library sends: records of any size, type and number, alerts and changes of
/// keys at any moment. One suite (TLS_AES_128_GCM_SHA256) and one group (P-256). It takes any certificate, and checks nothing but the ciphers' tags.
/// </summary>
internal sealed class RawTls : IDisposable
{
    internal const byte Alert = 21;
    internal const byte Handshake = 22;
    internal const byte ApplicationData = 23;

    private const byte Finished = 20;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly ECDiffieHellman _exchange = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly List<byte> _transcript = [];
    private readonly List<byte> _messages = [];
    private byte[] _master = [];
    private RawTlsKeys? _receives;

    private RawTls(Socket socket) => _socket = socket;

    /// <summary>The keys for what is sent now; null before the server has said its part.</summary>
    internal RawTlsKeys? Sends { get; set; }

    /// <param name="endpoint">Of the server.</param>
    /// <param name="receiveBuffer">SO_RCVBUF; 0 is the kernel's own.</param>
    internal static async Task<RawTls> ConnectAsync(IPEndPoint endpoint, int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0)
        {
            socket.ReceiveBufferSize = receiveBuffer;
        }

        await socket.ConnectAsync(endpoint);
        return new RawTls(socket);
    }

    /// <summary>Connects, and shakes hands to the end.</summary>
    internal static async Task<RawTls> OpenAsync(IPEndPoint endpoint, int receiveBuffer = 0)
    {
        RawTls client = await ConnectAsync(endpoint, receiveBuffer);
        await client.SendAsync(Plain(Handshake, client.ClientHello()));
        await client.ReadServerPartAsync();
        await client.SendAsync(client.Sends!.Seal(Handshake, client.FinishedMessage()));
        client.UseTrafficKeys();
        return client;
    }

    /// <summary>Any bytes, as they are.</summary>
    internal async Task SendAsync(byte[] bytes)
    {
        using var patience = new CancellationTokenSource(s_patience);
        await _socket.SendAsync(bytes, patience.Token);
    }

    /// <summary>Sends; false if the server has ended the connection.</summary>
    internal async Task<bool> TrySendAsync(byte[] bytes)
    {
        try
        {
            await SendAsync(bytes);
            return true;
        }
        catch (SocketException gone) when (gone.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return false;
        }
    }

    /// <summary>Text in one protected record.</summary>
    internal Task SendTextAsync(string text) => SendAsync(Sends!.Seal(ApplicationData, Encoding.ASCII.GetBytes(text)));

    /// <summary>The end of this direction of the connection, without a word of TLS.</summary>
    internal void FinishSending() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>A record without protection.</summary>
    internal static byte[] Plain(byte type, ReadOnlySpan<byte> content) => [type, 3, 3, (byte)(content.Length >> 8), (byte)content.Length, .. content];

    /// <summary>The first message (RFC 8446 §4.1.2); it becomes part of what both sides have said.</summary>
    internal byte[] ClientHello()
    {
        ECParameters own = _exchange.ExportParameters(includePrivateParameters: false);
        byte[] point = [4, .. own.Q.X!, .. own.Q.Y!];
        byte[] extensions =
        [
            .. Extension(43, [2, 3, 4]), // supported_versions
            .. Extension(10, [0, 2, 0, 23]), // supported_groups
            .. Extension(13, [0, 4, 4, 3, 8, 4]), // signature_algorithms: ecdsa_secp256r1_sha256, rsa_pss_rsae_sha256
            .. Extension(51, [0, 69, 0, 23, 0, 65, .. point]), // key_share
        ];
        byte[] body =
        [
            3, 3, .. RandomNumberGenerator.GetBytes(32),
            0, 0, 2, 0x13, 0x01, 1, 0,
            (byte)(extensions.Length >> 8), (byte)extensions.Length, .. extensions,
        ];
        byte[] message = Message(1, body);
        _transcript.AddRange(message);
        return message;
    }

    /// <summary>Reads the server's part of the handshake to its Finished. From then on <see cref="Sends"/> has the keys of the handshake.</summary>
    internal async Task ReadServerPartAsync()
    {
        byte[] hello = await ReadMessageAsync();
        byte[] shared = _exchange.DeriveRawSecretAgreement(PeerKey(hello));
        byte[] zeroes = new byte[32], nothing = SHA256.HashData([]);
        byte[] early = HKDF.Extract(HashAlgorithmName.SHA256, zeroes, zeroes);
        byte[] secret = HKDF.Extract(HashAlgorithmName.SHA256, shared, RawTlsKeys.ExpandLabel(early, "derived", nothing, 32));
        byte[] hash = TranscriptHash();
        Sends = new RawTlsKeys(RawTlsKeys.ExpandLabel(secret, "c hs traffic", hash, 32));
        _receives = new RawTlsKeys(RawTlsKeys.ExpandLabel(secret, "s hs traffic", hash, 32));
        _master = HKDF.Extract(HashAlgorithmName.SHA256, zeroes, RawTlsKeys.ExpandLabel(secret, "derived", nothing, 32));
        byte[] message;
        do
        {
            message = await ReadMessageAsync();
        }
        while (message[0] != Finished);
    }

    /// <summary>The client's Finished.</summary>
    internal byte[] FinishedMessage() => Message(Finished, Sends!.VerifyData(TranscriptHash()));

    /// <summary>What follows is protected by the keys for application data.</summary>
    internal void UseTrafficKeys()
    {
        byte[] hash = TranscriptHash();
        Sends = new RawTlsKeys(RawTlsKeys.ExpandLabel(_master, "c ap traffic", hash, 32));
        _receives = new RawTlsKeys(RawTlsKeys.ExpandLabel(_master, "s ap traffic", hash, 32));
    }

    /// <summary>A KeyUpdate (RFC 8446 §4.6.3) in a record; what follows has the next keys.</summary>
    internal byte[] KeyUpdate(bool asksForOne = false)
    {
        byte[] record = Sends!.Seal(Handshake, Message(24, [asksForOne ? (byte)1 : (byte)0]));
        Sends = Sends.Next();
        return record;
    }

    /// <summary>The next record, opened if there are keys; null at the end of the connection, or where it was reset.</summary>
    internal async Task<(byte Type, byte[] Content)?> ReadRecordAsync()
    {
        byte[]? header = await ReadExactlyAsync(5);
        byte[]? body = header is null ? null : await ReadExactlyAsync(BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3)));
        if (body is null)
        {
            return null;
        }

        (byte Type, byte[] Content) record = header![0] != ApplicationData ? (header[0], body) : _receives!.Open(header, body);
        if (record is { Type: Handshake, Content: [24, ..] })
        {
            _receives = _receives!.Next();
        }

        return record;
    }

    /// <summary>Reads to the end of the connection, whatever it is.</summary>
    internal async Task DrainAsync()
    {
        while (await ReadExactlyAsync(1) is not null)
        {
        }
    }

    /// <summary>Reads to the end of the connection; returns the text, and the last alert's description, -1 for none.</summary>
    internal async Task<(string Text, int Alert)> ReadToEndAsync()
    {
        var text = new StringBuilder();
        int alert = -1;
        while (await ReadRecordAsync() is { } record)
        {
            alert = record.Type == Alert ? record.Content[1] : alert;
            text.Append(record.Type == ApplicationData ? Encoding.ASCII.GetString(record.Content) : "");
        }

        return (text.ToString(), alert);
    }

    /// <summary>Reads text until it ends so, and has so many bytes behind its first empty line.</summary>
    internal async Task<string> ReadUntilAsync(string end, int body = 0)
    {
        var text = new StringBuilder();
        int head = -1;
        while (head < 0 || text.Length < head + body || !text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            (byte type, byte[] content) = await ReadRecordAsync() ?? throw new EndOfStreamException($"it ended after: {text}");
            Assert.NotEqual(Alert, type);
            text.Append(type == ApplicationData ? Encoding.ASCII.GetString(content) : "");
            int blank = text.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal);
            head = blank < 0 ? -1 : blank + 4;
        }

        return text.ToString();
    }

    public void Dispose()
    {
        _socket.Dispose();
        _exchange.Dispose();
    }

    private static byte[] Message(byte type, byte[] body) => [type, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private static byte[] Extension(byte type, byte[] body) => [0, type, (byte)(body.Length >> 8), (byte)body.Length, .. body];

    private byte[] TranscriptHash() => SHA256.HashData([.. _transcript]);

    // ServerHello: type, length, version, random, session id, suite, compression, extensions.
    private static ECDiffieHellmanPublicKey PeerKey(byte[] hello)
    {
        int at = 4 + 2 + 32;
        at += 1 + hello[at] + 2 + 1 + 2;
        while (hello[at + 1] != 51)
        {
            at += 4 + BinaryPrimitives.ReadUInt16BigEndian(hello.AsSpan(at + 2));
        }

        int point = at + 4 + 2 + 2 + 1;
        using var key = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = hello[point..(point + 32)], Y = hello[(point + 32)..(point + 64)] },
        });
        return key.PublicKey;
    }

    private async Task<byte[]> ReadMessageAsync()
    {
        while (_messages.Count < 4 || _messages.Count < 4 + MessageBytes())
        {
            (byte type, byte[] content) = await ReadRecordAsync() ?? throw new EndOfStreamException("the server ended the handshake");
            Assert.True(type is Handshake or 20, $"record of type {type}: {Convert.ToHexString(content)}");
            _messages.AddRange(type == Handshake ? content : []);
        }

        byte[] message = [.. _messages.Take(4 + MessageBytes())];
        _messages.RemoveRange(0, message.Length);
        _transcript.AddRange(message);
        return message;
    }

    private int MessageBytes() => (_messages[1] << 16) | (_messages[2] << 8) | _messages[3];

    private async Task<byte[]?> ReadExactlyAsync(int count)
    {
        byte[] bytes = new byte[count];
        using var patience = new CancellationTokenSource(s_patience);
        for (int have = 0; have < count;)
        {
            int got;
            try
            {
                got = await _socket.ReceiveAsync(bytes.AsMemory(have), patience.Token);
            }
            catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
            {
                return null;
            }

            if (got == 0)
            {
                return null;
            }

            have += got;
        }

        return bytes;
    }
}
