using Edge.Config;
using Edge.Http;
using Edge.Routing;
using Edge.Tests.Probes;
using Edge.Tests.Routing;
using static Edge.Tests.Fuzz.FuzzTargets;

namespace Edge.Tests.Fuzz;

/// <summary>
/// A request's head, what it means, the head that is forwarded for it, and the end of a chunked body: without a socket, from
/// memory that ends where it may be read.
/// </summary>
internal sealed class RequestTarget : IFuzzTarget
{
    // What a proxy takes out, adds or changes; all else has to arrive as it was sent.
    private static readonly HashSet<string> s_own = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Transfer-Encoding", "Upgrade", "Expect", "HTTP2-Settings",
        "Forwarded", "X-Real-IP", "Max-Forwards", "Via", "Date", "Trailer", "X-Edge-Replica",
    };

    private static readonly RouteMap s_routes = new(RouteServices.Routes);

    private readonly GuardedPage _memory = new(128 * 1024);
    private readonly Head _head = new();
    private readonly byte[] _forwarded = new byte[Limits.HeadBytes + Limits.HeadGrowthBytes];

    public void Run(ReadOnlySpan<byte> input)
    {
        input = input.Length > 64 * 1024 ? input[..(64 * 1024)] : input;
        ReadOnlySpan<byte> data = _memory.Place(input);
        ParseResult result = HeadParser.ParseRequest(data, _head);
        PlainMessage plain = PlainMessage.ReadRequest(Text(input));
        if (result == ParseResult.Bad)
        {
            Check(_head.MessageError != MessageError.None && MessageErrors.Status(_head.MessageError) is >= 400 and < 600, "refused without a reason");
            return;
        }

        CheckPrefixes(input, result);
        if (result == ParseResult.Partial)
        {
            return;
        }

        data = _memory.Place(input[.._head.Length]);
        CheckHead(data, plain);
        HeadParser.ParseRequest(data, _head);
        if (RequestFacts.Derive(data, _head, default, out RequestFacts facts) != MessageError.None)
        {
            return;
        }

        Check(plain.HasHead, $"accepted what is ambiguous: {Show(Text(input))}");
        Check(facts.Body.Kind.ToString().Equals(plain.Framing, StringComparison.OrdinalIgnoreCase), $"{facts.Body.Kind} is {plain.Framing}");
        CheckForwarded(data, facts, plain);
        CheckRoute(data, facts, plain);
        if (facts.Body.Kind == BodyKind.Chunked)
        {
            ChunkCheck.Run(_memory, input[_head.Length..], plain, isAnswer: false);
        }
    }

    public void Dispose()
    {
        // The memory is the process's own for as long as it runs.
    }

    // No prefix of a good request may be refused, or taken for more than it is.
    private void CheckPrefixes(ReadOnlySpan<byte> input, ParseResult whole)
    {
        int length = whole == ParseResult.Complete ? _head.Length : input.Length;
        int step = Math.Max(1, length / 16);
        for (int end = 0; end < length; end += step)
        {
            ParseResult result = HeadParser.ParseRequest(_memory.Place(input[..end]), _head);
            Check(result == ParseResult.Partial, $"{whole} of {length} bytes, but {result} of the first {end}: {Show(Text(input))}");
        }

        _memory.Place(input);
        HeadParser.ParseRequest(_memory.Place(input), _head);
    }

    private void CheckHead(ReadOnlySpan<byte> data, PlainMessage plain)
    {
        string text = Text(data);
        if (!plain.HasHead)
        {
            // What a body would be is for RequestFacts to judge.
            return;
        }

        Check(_head.Length == plain.HeadLength, $"{_head.Length} bytes of head are {plain.HeadLength}: {Show(text)}");
        Check(text.Substring(_head.Start, _head.MethodLength) == plain.Method, "another method");
        Check(text.Substring(_head.TargetStart, _head.TargetLength) == plain.Target, "another target");
        Check(_head.MinorVersion == plain.Minor, "another version");
        Check(_head.FieldCount == plain.Fields.Count, $"{_head.FieldCount} fields are {plain.Fields.Count}");
        for (int i = 0; i < _head.FieldCount; i++)
        {
            Check(Text(_head.Fields[i].Name(data)) == plain.Fields[i].Key && Text(_head.Fields[i].Value(data)) == plain.Fields[i].Value, $"field {i} differs");
        }
    }

    private void CheckForwarded(ReadOnlySpan<byte> data, in RequestFacts facts, PlainMessage plain)
    {
        int length = HeadWriter.WriteRequest(_forwarded, data, _head, facts, new ForwardingContext
        {
            Peer = "203.0.113.7"u8,
            PeerLines = "X-Forwarded-For: 203.0.113.7\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: "u8,
            DefaultHost = "127.0.0.1:80"u8,
        });
        Check(length <= _head.Length + Limits.HeadGrowthBytes, $"{_head.Length} bytes of head have grown to {length}");
        string text = Text(_forwarded.AsSpan(0, length));
        PlainMessage forwarded = PlainMessage.ReadRequest(text);
        Check(forwarded.HasHead && forwarded.HeadLength == length, $"forwarded, but no head: {Show(text)}");
        CheckSame(plain, forwarded);
    }

    // Which service it reaches, and what that is asked for.
    private static void CheckRoute(ReadOnlySpan<byte> data, in RequestFacts facts, PlainMessage plain)
    {
        ReadOnlySpan<byte> target = facts.Path.Of(data);
        RouteTarget? route = s_routes.Find(facts.Host.Of(data), target, out int length, out bool isAmbiguous);
        string service = isAmbiguous ? RouteVerdict.Refused : route is null ? RouteServices.Default : RouteServices.All[route.Service - 1].Name;
        string expected = RouteVerdict.RoutedTo(plain);
        Check(service == expected, $"{service} is reached, and not {expected}: {Show(Text(data))}");
        if (route is not null)
        {
            string path = Text(route.Path), rest = Text(target[length..]);
            Check(path.Length == 0 ? length == 0 : RouteOracle.IsRest(Text(target), path, rest), $"{path} leaves {rest} of {Text(target)}");
        }
    }

    /// <summary>Whether what is forwarded means what was sent.</summary>
    internal static void CheckSame(PlainMessage sent, PlainMessage forwarded)
    {
        Check(forwarded.Method == sent.Method && forwarded.Minor == 1, "another method, or not HTTP/1.1");
        Check(forwarded.Framing == sent.Framing, $"{sent.Framing} became {forwarded.Framing}");
        Check(SameLength(sent, forwarded), "another length");
        Check(forwarded.All("Host").Length == 1, "not one Host");
        Check(!forwarded.Has("TE") || TellsOfTrailers(sent, forwarded), "a TE that nobody sent");
        Check(!forwarded.Has("Keep-Alive") && !forwarded.Has("Proxy-Connection") && !forwarded.Has("HTTP2-Settings"), "a field of the hop was forwarded");
        Check(SameTarget(sent.Target, forwarded.Target), $"{sent.Target} became {forwarded.Target}");

        string[] nominated = [.. sent.All("Connection").SelectMany(value => value.Split(',')).Select(option => option.Trim(' ', '\t'))];
        var expected = sent.Fields.Where(f => !IsOwn(f.Key) && !IsNominated(f.Key) && !IsLength(f.Key)).ToList();
        var actual = forwarded.Fields.Where(f => !IsOwn(f.Key) && !IsLength(f.Key)).ToList();
        Check(actual.SequenceEqual(expected), $"fields {Show(string.Join('|', expected))} became {Show(string.Join('|', actual))}");

        // What the framing and the caller's rights rest on cannot be named away.
        bool IsNominated(string name) =>
            nominated.Contains(name, StringComparer.OrdinalIgnoreCase) && !name.Equals("Authorization", StringComparison.OrdinalIgnoreCase);
    }

    // Trailers are passed on, so the replica is told that they are taken; nothing else of TE is.
    private static bool TellsOfTrailers(PlainMessage sent, PlainMessage forwarded) =>
        forwarded.All("TE") is ["trailers"] && forwarded.All("Connection") is ["TE"]
        && sent.All("TE").SelectMany(v => v.Split(',')).Any(m => m.Trim(' ', '\t').Equals("trailers", StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it is the same target, in the form that is for a server (RFC 9112 §3.2).</summary>
    internal static bool SameTarget(string sent, string forwarded) => sent == forwarded || (sent.Contains("://", StringComparison.Ordinal)
        && (sent.EndsWith(forwarded, StringComparison.Ordinal) || forwarded is "/" or "*"
            || (forwarded.StartsWith("/?", StringComparison.Ordinal) && sent.EndsWith(forwarded[1..], StringComparison.Ordinal))));

    /// <summary>Whether the lengths are the same numbers; what is forwarded has no zeros before them.</summary>
    internal static bool SameLength(PlainMessage sent, PlainMessage forwarded) => forwarded.All("Content-Length")
        .SequenceEqual(sent.All("Content-Length").Select(l => l.TrimStart('0') is { Length: > 0 } digits ? digits : "0"));

    // Where its form is not the plain one, it goes to the end.
    private static bool IsLength(string name) => name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase);

    // With underscores as well: to some replicas they are the same.
    private static bool IsOwn(string name)
    {
        string plain = name.Replace('_', '-');
        return s_own.Contains(plain) || plain.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
            || (plain != name && (plain.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
                || plain.ToUpperInvariant() is "AUTHORIZATION" or "X-REQUEST-ID" or "USER-AGENT"));
    }
}
