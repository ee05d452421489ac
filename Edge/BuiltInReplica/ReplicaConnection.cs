using System.Text;
using Edge.Http;
using Edge.Io;
using Edge.Options;

namespace Edge.BuiltInReplica;

/// <summary>One connection of the built-in replica: request after request, each answered at once; bodies are passed over.</summary>
internal sealed unsafe class ReplicaConnection : Connection
{
    private static readonly KeyValuePair<string, string>[] s_json = [new("Content-Type", "application/json")];

    private readonly ReplicaServer _server;
    private PendingBytes _pending;
    private ChunkScanner _chunks;
    private BodyKind _skipping;
    private long _skipBytes;

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

            byte* area = _server.ReadArea;
            int held = _pending.CopyTo(area);
            int got = Receive(area + held, Limits.ReceiveBytes);
            if (got == WouldBlock)
            {
                return;
            }

            if (got <= 0 || !Serve(area, held + got))
            {
                break;
            }
        }

        Close();
    }

    internal override void OnReleased() => _pending.Drop(_server.Buffers);

    // False where the connection has to end.
    private bool Serve(byte* data, int length)
    {
        while (true)
        {
            int skipped = Skip(new ReadOnlySpan<byte>(data, length));
            if (skipped < 0)
            {
                return false;
            }

            data += skipped;
            length -= skipped;
            if (length == 0)
            {
                _pending.Drop(_server.Buffers);
                return true;
            }

            switch (HeadParser.ParseRequest(new ReadOnlySpan<byte>(data, length), _server.Head))
            {
                case ParseResult.Partial:
                    _pending.Keep(_server.Buffers, data, length);
                    return true;
                case ParseResult.Bad:
                    return false;
            }

            if (!Answer(new ReadOnlySpan<byte>(data, _server.Head.Length)))
            {
                return false;
            }

            data += _server.Head.Length;
            length -= _server.Head.Length;
        }
    }

    private bool Answer(ReadOnlySpan<byte> headBytes)
    {
        Head head = _server.Head;
        if (RequestFacts.Derive(headBytes, head, out RequestFacts facts) != Refusal.None)
        {
            return false;
        }

        _skipping = facts.Body.Kind;
        _skipBytes = facts.Body.Bytes;
        _chunks = default;
        ReadOnlySpan<byte> path = facts.Path.Of(headBytes);
        int query = path.IndexOf((byte)'?');
        path = query < 0 ? path : path[..query];
        if (head.Method is Method.Get or Method.Head && path.SequenceEqual("/home"u8))
        {
            return Respond(200, _server.Greeting, head.Method == Method.Head, facts.KeepAlive) && facts.KeepAlive;
        }

        if (head.Method is Method.Get or Method.Head && path.SequenceEqual("/heartbeat"u8))
        {
            return Respond(200, default, isHead: false, facts.KeepAlive) && facts.KeepAlive;
        }

        string text = $"{{\"message\": \"<Error> '{Encoding.ASCII.GetString(path).Replace("\\", "\\\\").Replace("\"", "\\\"")}' endpoint does not exist in server replicas\", \"status\": \"failure\"}}";
        return Respond(404, Encoding.ASCII.GetBytes(text), head.Method == Method.Head, facts.KeepAlive) && facts.KeepAlive;
    }

    private bool Respond(int status, ReadOnlySpan<byte> body, bool isHead, bool keepAlive)
    {
        Span<byte> date = stackalloc byte[29];
        System.Buffers.Text.Utf8Formatter.TryFormat(DateTime.UtcNow, date, out _, 'R');
        int headBytes = HeadWriter.WriteOwn(_server.Scratch, status, body.Length, body.IsEmpty ? [] : s_json, new RelayContext
        {
            Date = date,
            Close = !keepAlive,
            SayKeepAlive = true,
        });
        bool inOnePiece = !isHead && body.Length <= _server.Scratch.Length - headBytes;
        if (inOnePiece)
        {
            body.CopyTo(_server.Scratch.AsSpan(headBytes));
        }

        fixed (byte* head = _server.Scratch, content = body)
        {
            return Send(head, headBytes + (inOnePiece ? body.Length : 0)) && (inOnePiece || isHead || Send(content, body.Length));
        }
    }

    // How many bytes belong to the body of the last request; -1 where it is malformed.
    private int Skip(ReadOnlySpan<byte> data)
    {
        if (_skipping == BodyKind.Length)
        {
            int skipped = (int)Math.Min(_skipBytes, data.Length);
            _skipBytes -= skipped;
            return skipped;
        }

        int taken = 0;
        while (_skipping == BodyKind.Chunked && taken < data.Length)
        {
            ChunkPart part = _chunks.Next(data[taken..], out int length);
            if (part == ChunkPart.Bad)
            {
                return -1;
            }

            taken += length;
            if (part == ChunkPart.End)
            {
                _skipping = BodyKind.None;
            }
        }

        return taken;
    }
}
