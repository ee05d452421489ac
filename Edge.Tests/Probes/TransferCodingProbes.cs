using static Edge.Tests.Probes.Make;
using static Edge.Tests.Probes.Rank;

namespace Edge.Tests.Probes;

/// <summary>Transfer-Encoding in requests, alone and beside Content-Length: RFC 9112 §6.1 and §6.3.</summary>
internal static class TransferCodingProbes
{
    private const string Chunks = "5|hello|0||";

    internal static Probe[] All { get; } =
    [
        Chunked("chunked", "Transfer-Encoding: chunked|"),
        Chunked("chunked in other letters", "tRANSFER-eNCODING: cHUNKED|"),
        Chunked("chunked with white space around", "Transfer-Encoding: \t chunked \t |"),
        Refused("length, then chunked", "9112 §6.1", Choice, 400, $"POST / HTTP/1.1|Host: h|Content-Length: 5|Transfer-Encoding: chunked||{Chunks}"),
        Refused("chunked, then length", "9112 §6.1", Choice, 400, $"POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked|Content-Length: 0||{Chunks}"),
        Refused("length and chunked around a second request", "9112 §6.1", Choice, 400,
            "POST / HTTP/1.1|Host: h|Content-Length: 4|Transfer-Encoding: chunked||1e|GET /evil HTTP/1.1|Host: h|||0||"),
        Refused("a malformed length beside chunked", "9112 §6.3", Choice, 400,
            $"POST / HTTP/1.1|Host: h|Content-Length: x|Transfer-Encoding: chunked||{Chunks}"),
        Refused("a length beside an unknown coding", "9112 §6.3", Must, 400, "POST / HTTP/1.1|Host: h|Content-Length: 5|Transfer-Encoding: x||hello"),
        Coded("an unknown coding", "x"),
        Coded("a coding that begins as chunked", "chunkedx"),
        Coded("a coding that ends as chunked", "xchunked"),
        Coded("identity", "identity"),
        Coded("gzip alone", "gzip"),
        Coded("chunked, then identity", "chunked, identity"),
        Coded("chunked, then gzip", "chunked, gzip"),
        Coded("chunked twice", "chunked, chunked", Choice),
        Coded("chunked with a comma behind", "chunked,", Choice),
        Coded("chunked with a comma before", ",chunked", Choice),
        Coded("chunked with a parameter", "chunked;q=1", Should),
        Coded("chunked with a semicolon", "chunked;", Should),
        Coded("chunked in quotes", "\"chunked\""),
        Coded("chunked in single quotes", "'chunked'"),
        Coded("two codings without a comma", "chunked identity"),
        Coded("no coding", ""),
        Coded("chunked behind a vertical tab", "\vchunked"),
        Coded("chunked behind a form feed", "\fchunked"),
        Coded("chunked before a NUL", "chunked\0"),
        Coded("chunked with an eighth bit behind", "chunked\u00a0"),
        Coded("chunked behind a bare carriage return", "x\rTransfer-Encoding: chunked"),
        Coded("chunked behind a bare line feed", "x\nTransfer-Encoding: chunked", Choice),
        Coded("chunked on a folded line", "|\tchunked", Choice),
        Coded("chunked, then something on a folded line", "chunked|\t, identity"),
        Refused("a coding before chunked", "9112 §6.1", Should, 501, $"POST / HTTP/1.1|Host: h|Transfer-Encoding: gzip, chunked||{Chunks}"),
        Refused("two fields, both chunked", "9112 §6.1", Choice, 400,
            $"POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked|Transfer-Encoding: chunked||{Chunks}"),
        Refused("two fields, identity last", "9112 §6.1", Must, 400,
            $"POST / HTTP/1.1|Host: h|Transfer-Encoding: chunked|Transfer-Encoding: identity||{Chunks}"),
        Refused("two fields, chunked last", "9112 §6.1", Should, 400,
            $"POST / HTTP/1.1|Host: h|Transfer-Encoding: identity|Transfer-Encoding: chunked||{Chunks}"),
        Refused("two fields, other letters and a space", "9112 §6.1", Must, 400,
            $"POST / HTTP/1.1|Host: h|Transfer-Encoding : x|transfer-encoding: chunked||{Chunks}"),
        Refused("a space before the colon of the coding", "9112 §5.1", Must, 400, $"POST / HTTP/1.1|Host: h|Transfer-Encoding : chunked||{Chunks}"),
        Refused("a tab before the colon of the coding", "9112 §5.1", Must, 400, $"POST / HTTP/1.1|Host: h|Transfer-Encoding\t: chunked||{Chunks}"),
        Refused("a space before the name of the coding", "9112 §2.2", Must, 400, $"POST / HTTP/1.1| Transfer-Encoding: chunked|Host: h||{Chunks}"),
        Refused("a control byte before the name of the coding", "9110 §5.6.2", Should, 400,
            $"POST / HTTP/1.1|Host: h|\u0001Transfer-Encoding: chunked||{Chunks}"),
        Refused("chunked in HTTP/1.0", "9112 §6.1", Must, 400, $"POST / HTTP/1.0|Host: h|Transfer-Encoding: chunked||{Chunks}"),
        Refused("chunked and a length in HTTP/1.0", "9112 §6.1", Must, 400,
            $"POST / HTTP/1.0|Host: h|Connection: keep-alive|Content-Length: 15|Transfer-Encoding: chunked||{Chunks}"),
        Forwarded("a coding's name with an underscore", "9110 §5.1", Choice, "GET / HTTP/1.1|Host: h|Transfer_Encoding: chunked|Content_Length: 5|Accept: a||",
            Probe.Seen("GET / HTTP/1.1|Host: h|Accept: a|")) with { Lacks = ["Transfer_Encoding", "Content_Length"] },
    ];

    private static Probe Chunked(string name, string field) => Forwarded(name, "9112 §7.1", Must, $"POST / HTTP/1.1|Host: h|{field}|{Chunks}",
        Probe.Seen("POST / HTTP/1.1|Host: h|", framing: "Transfer-Encoding: chunked|", body: Chunks));

    private static Probe Coded(string name, string coding, Rank rank = Must) =>
        Refused(name, "9112 §6.3", rank, 400, $"POST / HTTP/1.1|Host: h|Transfer-Encoding: {coding}||{Chunks}");
}
