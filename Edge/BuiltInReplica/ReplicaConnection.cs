using System.Text;
using Edge.Config;
using Edge.Http;
using Edge.Io;

namespace Edge.BuiltInReplica;

/// <summary>
/// One connection of the built-in replica: one request after the other, each answered at once. Bodies are skipped, except those that /echo sends back
/// as they come. After a handshake at /echo, the connection carries WebSocket frames.
/// </summary>
internal sealed class ReplicaConnection : Connection
{
    private static readonly KeyValuePair<string, string>[] s_bytes = [new("Content-Type", "application/octet-stream")];

    private readonly ReplicaServer _server;
    private PendingBytes _pending;
    private ChunkScanner _chunks;
    private BodyKind _skipping;
    private long _skipBytes;
    private bool _echoes;
    private bool _speaksWebSocket;

    // Nothing more is read; the connection closes when everything is sent.
    private bool _ends;

    internal ReplicaConnection(ReplicaServer server) : base(server) => _server = server;

    internal void Open(int fd) => Attach(fd);

    internal override void OnReady(uint events)
    {
        Note(events);
        while (!Closed && !HungUp)
        {
            if (!Flush())
            {
                break;
            }

            if (UnsentBytes > 0)
            {
                return;
            }

            if (_ends && !(_echoes && _skipBytes > 0))
            {
                break;
            }

            Span<byte> area = _server.ReadArea.Span;
            int held = _pending.CopyTo(area);
            int got = Receive(area[held..]);
            if (got == WouldBlock)
            {
                return;
            }

            if (got <= 0 || !Serve(area[..(held + got)]))
            {
                break;
            }
        }

        Close();
    }

    internal override void OnReleased() => _pending.Drop(_server.Buffers);

    // False if the connection has to end.
    private bool Serve(Span<byte> data)
    {
        while (true)
        {
            if (_speaksWebSocket)
            {
                return ServeFrames(data);
            }

            int skipped = Skip(data);
            if (skipped < 0)
            {
                return false;
            }

            data = data[skipped..];
            if (data.IsEmpty || _ends)
            {
                _pending.Drop(_server.Buffers);
                return true;
            }

            switch (HeadParser.ParseRequest(data, _server.Head))
            {
                case ParseResult.Partial:
                    _pending.Keep(_server.Buffers, data);
                    return true;
                case ParseResult.Bad:
                    return false;
            }

            if (!Answer(data[.._server.Head.Length]))
            {
                return false;
            }

            data = data[_server.Head.Length..];
        }
    }

    private bool Answer(ReadOnlySpan<byte> headBytes)
    {
        Head head = _server.Head;
        if (RequestFacts.Derive(headBytes, head, default, out RequestFacts facts) != MessageError.None)
        {
            return false;
        }

        _skipping = facts.Body.Kind;
        _skipBytes = facts.Body.Bytes;
        _chunks = default;
        _echoes = false;
        ReadOnlySpan<byte> path = facts.Path.Of(headBytes);
        int query = path.IndexOf((byte)'?');
        path = query < 0 ? path : path[..query];
        if (head.Method is Method.Get or Method.Head && path.SequenceEqual("/home"u8))
        {
            return Greet(head.Method == Method.Head, facts.KeepAlive);
        }

        if (head.Method is Method.Get or Method.Head && path.SequenceEqual("/heartbeat"u8))
        {
            return Respond(200, default, isHead: false, facts.KeepAlive) && facts.KeepAlive;
        }

        if (path.SequenceEqual("/echo"u8))
        {
            return Echo(headBytes, facts);
        }

        string shown = Encoding.ASCII.GetString(path).Replace("\\", "\\\\").Replace("\"", "\\\"");
        string text = $"{{\"message\": \"<Error> '{shown}' endpoint does not exist in server replicas\", \"status\": \"failure\"}}";
        return Respond(404, Encoding.ASCII.GetBytes(text), head.Method == Method.Head, facts.KeepAlive) && facts.KeepAlive;
    }

    // POST and PUT get their body back piece by piece. GET with a handshake becomes a WebSocket that sends back its frames.
    private bool Echo(ReadOnlySpan<byte> headBytes, in RequestFacts facts)
    {
        Head head = _server.Head;
        if (head.Method == Method.Get && WebSocketEcho.Accept(headBytes, head) is { } accept)
        {
            _speaksWebSocket = true;
            return Send(Encoding.ASCII.GetBytes(
                $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"));
        }

        if (head.Method is not (Method.Post or Method.Put) || facts.Body.Kind == BodyKind.Chunked)
        {
            string text = "{\"message\": \"<Error> /echo takes POST and PUT with Content-Length, and handshakes of WebSocket\", \"status\": \"failure\"}";
            return Respond(400, Encoding.ASCII.GetBytes(text), head.Method == Method.Head, facts.KeepAlive) && facts.KeepAlive;
        }

        _echoes = true;
        _ends = !facts.KeepAlive;
        if (facts.ExpectsContinue && !Send("HTTP/1.1 100 Continue\r\n\r\n"u8))
        {
            return false;
        }

        int length = WriteHead(200, facts.Body.Kind == BodyKind.Length ? facts.Body.Bytes : 0, s_bytes, facts.KeepAlive);
        return Send(_server.Scratch.AsSpan(0, length));
    }

    private bool ServeFrames(Span<byte> data)
    {
        while (!_ends)
        {
            WebSocketEcho.Outcome outcome = WebSocketEcho.Next(data, out int taken, out ReadOnlySpan<byte> answer);
            if (!answer.IsEmpty && !Send(answer))
            {
                return false;
            }

            if (outcome == WebSocketEcho.Outcome.Partial)
            {
                _pending.Keep(_server.Buffers, data);
                return true;
            }

            _ends = outcome == WebSocketEcho.Outcome.Last;
            data = data[taken..];
        }

        _pending.Drop(_server.Buffers);
        return true;
    }

    private int WriteHead(int status, long bodyBytes, KeyValuePair<string, string>[] fields, bool keepAlive)
    {
        Span<byte> date = stackalloc byte[29];
        System.Buffers.Text.Utf8Formatter.TryFormat(DateTime.UtcNow, date, out _, 'R');
        return HeadWriter.WriteLocalReply(_server.Scratch, status, bodyBytes, fields, new RelayContext
        {
            Date = date,
            Close = !keepAlive,
            SayKeepAlive = true,
        });
    }

    // False if the connection has to end.
    private bool Greet(bool isHead, bool keepAlive)
    {
        switch (_server.Version)
        {
            case ReplicaVersion.Hanging:
                return true;
            case ReplicaVersion.Crashing:
                Console.WriteLine("this version ends at the first request for /home");
                Environment.Exit(1);
                return false;
            case ReplicaVersion.Failing:
                return Respond(500, """{"message": "<Error> this version fails", "status": "failure"}"""u8, isHead, keepAlive) && keepAlive;
            default:
                return Respond(200, _server.Greeting, isHead, keepAlive) && keepAlive;
        }
    }

    private bool Respond(int status, ReadOnlySpan<byte> body, bool isHead, bool keepAlive)
    {
        int headBytes = WriteHead(status, body.Length, body.IsEmpty ? [] : _server.JsonFields, keepAlive);
        bool inOnePiece = !isHead && body.Length <= _server.Scratch.Length - headBytes;
        if (inOnePiece)
        {
            body.CopyTo(_server.Scratch.AsSpan(headBytes));
        }

        return Send(_server.Scratch.AsSpan(0, headBytes + (inOnePiece ? body.Length : 0))) && (inOnePiece || isHead || body.IsEmpty || Send(body));
    }

    // How many bytes belong to the body of the last request; -1 if the body is malformed, or cannot be sent back.
    private int Skip(ReadOnlySpan<byte> data)
    {
        if (_skipping == BodyKind.Length)
        {
            int skipped = (int)Math.Min(_skipBytes, data.Length);
            _skipBytes -= skipped;
            return _echoes && skipped > 0 && !Send(data[..skipped]) ? -1 : skipped;
        }

        int taken = 0;
        while (_skipping == BodyKind.Chunked && taken < data.Length)
        {
            ChunkPart part = _chunks.Next(data[taken..], out int chunk);
            if (part == ChunkPart.Bad)
            {
                return -1;
            }

            taken += chunk;
            if (part == ChunkPart.End)
            {
                _skipping = BodyKind.None;
            }
        }

        return taken;
    }
}
