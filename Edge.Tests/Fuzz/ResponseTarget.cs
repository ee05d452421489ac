using Edge.Config;
using Edge.Http;
using static Edge.Tests.Fuzz.FuzzTargets;

namespace Edge.Tests.Fuzz;

/// <summary>A response's head and framing, and the head that the client gets. The first byte says what was asked for.</summary>
internal sealed class ResponseTarget : IFuzzTarget
{
    private static readonly (Method Method, string Name)[] s_methods =
        [(Method.Get, "GET"), (Method.Head, "HEAD"), (Method.Post, "POST"), (Method.Other, "PATCH")];

    private static readonly HashSet<string> s_hop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Transfer-Encoding", "Upgrade", "Content-Length", "Via", "Date", "X-Edge-Replica",
    };

    private readonly GuardedPage _memory = new(128 * 1024);
    private readonly Head _head = new();
    private readonly byte[] _relayed = new byte[Limits.HeadBytes + Limits.HeadGrowthBytes];

    public void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty)
        {
            return;
        }

        (Method method, string name) = s_methods[input[0] & 3];
        bool clientKnowsHttp11 = (input[0] & 4) == 0;
        input = input[1..Math.Min(input.Length, 64 * 1024)];
        ParseResult result = HeadParser.ParseResponse(_memory.Place(input), _head);
        if (result != ParseResult.Complete)
        {
            Check(result == ParseResult.Partial || _head.MessageError != MessageError.None, "refused without a reason");
            return;
        }

        int length = _head.Length;
        for (int end = 0; end < length; end += Math.Max(1, length / 16))
        {
            ParseResult part = HeadParser.ParseResponse(_memory.Place(input[..end]), _head);
            Check(part == ParseResult.Partial, $"complete, but {part} of the first {end}: {Show(Text(input))}");
        }

        ReadOnlySpan<byte> data = _memory.Place(input[..length]);
        HeadParser.ParseResponse(data, _head);
        PlainMessage plain = PlainMessage.ReadResponse(Text(input), name);
        if (BodyFraming.OfResponse(data, _head, method, out BodyFraming framing) != MessageError.None)
        {
            return;
        }

        Check(plain.HasHead, $"accepted what is ambiguous: {Show(Text(input))}");
        Check(_head.Length == plain.HeadLength && _head.Status == plain.Status && _head.FieldCount == plain.Fields.Count, "another head");
        string kind = framing.Kind == BodyKind.UntilClose ? "close" : framing.Kind.ToString();
        Check(kind.Equals(plain.Framing, StringComparison.OrdinalIgnoreCase), $"{kind} is {plain.Framing}: {Show(Text(input))}");
        CheckRelayed(data, framing, plain, name, clientKnowsHttp11);
        if (framing.Kind == BodyKind.Chunked)
        {
            ChunkCheck.Run(_memory, input[length..], plain, isAnswer: true);
        }
    }

    public void Dispose()
    {
        // The memory is the process's own for as long as it runs.
    }

    private void CheckRelayed(ReadOnlySpan<byte> data, BodyFraming framing, PlainMessage plain, string method, bool clientKnowsHttp11)
    {
        bool chunked = framing.Kind == BodyKind.Chunked && clientKnowsHttp11;
        int length = HeadWriter.WriteResponse(_relayed, data, _head, ConnectionOptions.Of(data, _head), new RelayContext
        {
            ReplicaLine = "X-Edge-Replica: server_1\r\n"u8,
            Date = "Thu, 01 Jan 1970 00:00:00 GMT"u8,
            IsChunked = chunked,
            Close = framing.Kind == BodyKind.UntilClose,
        });
        Check(length <= _head.Length + Limits.HeadGrowthBytes, $"{_head.Length} bytes of head have grown to {length}");
        string text = Text(_relayed.AsSpan(0, length));
        PlainMessage relayed = PlainMessage.ReadResponse(text, method);
        Check(relayed.HasHead && relayed.HeadLength == length, $"relayed, but no head: {Show(text)}");
        Check(relayed.Status == plain.Status, "another status");
        Check(relayed.Has("X-Edge-Replica") && relayed.All("X-Edge-Replica") is ["server_1"], "the replica's name is not ours alone");
        string expected = framing.Kind == BodyKind.Chunked && !clientKnowsHttp11 ? "close" : plain.Framing;
        Check(relayed.Framing == expected, $"{plain.Framing} became {relayed.Framing}: {Show(text)}");
        if (framing.Kind == BodyKind.Length)
        {
            Check(RequestTarget.SameLength(plain, relayed), "another length");
        }

        string[] nominated = [.. plain.All("Connection").SelectMany(value => value.Split(',')).Select(option => option.Trim(' ', '\t'))];
        var sent = plain.Fields.Where(f => !s_hop.Contains(f.Key) && !nominated.Contains(f.Key, StringComparer.OrdinalIgnoreCase)).ToList();
        var arrived = relayed.Fields.Where(f => !s_hop.Contains(f.Key)).ToList();
        Check(IsSubsequence(sent, arrived), $"fields {Show(string.Join('|', sent))} became {Show(string.Join('|', arrived))}");
    }

    // More may arrive than has to: fields that cannot be nominated away.
    private static bool IsSubsequence(List<KeyValuePair<string, string>> part, List<KeyValuePair<string, string>> all)
    {
        int at = 0;
        foreach (KeyValuePair<string, string> field in all)
        {
            at += at < part.Count && part[at].Equals(field) ? 1 : 0;
        }

        return at == part.Count;
    }
}
