using System.Text;

namespace Edge.Tests.Fuzz;

/// <summary>Where fuzzing begins: one input for each thing that a target knows.</summary>
internal static class FuzzSeeds
{
    private static readonly string[] s_requests =
    [
        "GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "\r\nHEAD /a?b=c HTTP/1.0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: h:80\r\nContent-Length: 5\r\nX: \t y \r\n\r\nhello",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: t\r\n\r\n5;x=y\r\nhello\r\nA\r\n0123456789\r\n0\r\nt: v\r\n\r\n",
        "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\nTE: trailers\r\nConnection: te, x-a, close\r\nX-A: 1\r\nX-B: 2\r\n\r\n",
        "PUT http://u.example:8080/%20?q HTTP/1.1\r\nHost: other\r\nContent-Length: 0\r\nExpect: 100-continue\r\n\r\n",
        "GET https://u?x HTTP/1.1\r\nHost: u\r\nForwarded: for=1\r\nX-Forwarded-For: 1\r\nVia: 1.1 a\r\n\r\n",
        "GET / HTTP/1.0\r\nConnection: keep-alive\r\nKeep-Alive: timeout=5\r\nAuthorization: Basic x\r\nDate: d\r\n\r\n",
        "CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n",
        "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nHTTP2-Settings: a\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",

        // For services with routes.
        "GET /api/items?x HTTP/1.1\r\nHost: shop.example\r\n\r\n",
        "GET //api//%61;x HTTP/1.1\r\nHost: SHOP.example.:80\r\n\r\n",
        "GET http://open.example/admin/panel HTTP/1.1\r\nHost: a.shop.example\r\n\r\n",
        "GET /everywhere/x HTTP/1.1\r\nHost: www.shop.example:\r\n\r\n",
        "GET /six/. HTTP/1.1\r\nHost: [2001:db8:0::0:1]:80\r\n\r\n",
        "GET /%61dmin/;/p%61nel/..;/x HTTP/1.1\r\nHost: open.example\r\n\r\n",
        "GET /admin%2Fpanel%00%c0%ae HTTP/1.1\r\nHost: %73hop.example\r\n\r\n",
        "OPTIONS http://shop.example?/api HTTP/1.1\r\nHost: b.a.shop.example\r\n\r\n",
    ];

    private static readonly string[] s_responses =
    [
        "\0HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "\0HTTP/1.1 100 Continue\r\n\r\n",
        "\0HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close, x-a\r\nX-A: 1\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "\u0001HTTP/1.1 200\r\nContent-Length: 500\r\nDate: d\r\n\r\n",
        "\u0002HTTP/1.0 404 Not Found\r\nX-Edge-Replica: forged\r\nConnection: keep-alive\r\n\r\nuntil the end",
        "\u0004HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a\r\nabc\r\n0\r\nt: v\r\n\r\n",
        "\u0007HTTP/1.1 204 No Content\r\nContent-Length: 7\r\nKeep-Alive: x\r\nProxy-Connection: y\r\n\r\n",
        "\u0000HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\nVia: 1.0 x\r\n\r\n",
        "\u0003HTTP/1.1 999 \r\nContent-Length: 0\r\nUpgrade: h2c\r\n\r\n",
    ];

    private static readonly string[] s_exchanges =
    [
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok~CGET /b HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 "
            + "OK\r\nContent-Length: 0\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 OK\r\nTransfer-Encoding: "
            + "chunked\r\n\r\n3\r\nabc\r\n~|0\r\n\r\n~|HTTP/1.1 204 No\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n~RHTTP/1.1 100 Continue\r\n\r\n~C01234~|56789~RHTTP/1.1 201 "
            + "Made\r\nContent-Length: 1\r\n\r\nx",
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nwxyz\r\n~|0\r\nt: v\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: "
            + "3\r\nConnection: close\r\n\r\nabc",
        "GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n~RHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.0 200 OK\r\n\r\nuntil~|the end~h",
        "HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~R~x~RHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc~RHTTP/1.1 5~x",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~h~RHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 20480\r\n\r\n~5z~RHTTP/1.1 200 OK\r\nContent-Length: 24576\r\n\r\n~6y",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 20480\r\n\r\n~4y~x",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n~RHTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: "
            + "upgrade\r\n\r\nabc~Cdef~h~Rghi~h",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nabc~x",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok+~CGET /b HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 "
            + "OK\r\nContent-Length: 0\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\nGET /b HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab~h~RHTTP/1.1 200 "
            + "OK\r\nContent-Length: 0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc~R~x~CGET /b HTTP/1.1\r\nHost: h\r\n\r\n~R~x~RHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok~CPOST /b HTTP/1.1\r\nHost: h\r\nContent-Length: "
            + "4\r\n\r\nab~|cd~&~RHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok~CGET /b HTTP/1.1\r\nHost: h\r\n\r\n~&~RHTTP/1.1 408 "
            + "Late\r\nContent-Length: 0\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "GET /a ~RHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok~CHTTP/1.1\r\nHost: h\r\n\r\n",
        "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab~RHTTP/1.1 413 Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n~Ccd",
        "PUT /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab~RHTTP/1.1 202 Taken\r\nContent-Length: 0\r\n\r\n~Cc~|dGET /b HTTP/1.1\r\nHost: "
            + "h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n~RHTTP/1.1 202 Taken\r\nContent-Length: "
            + "2\r\n\r\nok~C2\r\ncd\r\n~|0\r\n\r\n",
        "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 8192\r\n\r\nab~RHTTP/1.1 413 Large\r\nContent-Length: 0\r\n\r\n~h~C~2x",
        "GET /a HTTP/1.1\r\nHost: h\r\nAuthorization: NTLM b\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok~CGET /b HTTP/1.1\r\nHost: "
            + "h\r\n\r\n~RHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "GET /a HTTP/1.1\r\nHost: h\r\n\r\n~RHTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 2\r\n\r\nno~CGET /b HTTP/1.1\r\nHost: "
            + "h\r\n\r\n~R~x",
    ];

    /// <summary>The seeds of a target, each with the name of its file.</summary>
    internal static IEnumerable<(string File, byte[] Seed)> Of(string target) =>
        (target switch
        {
            "request" => s_requests.Select(Encoding.Latin1.GetBytes),
            "response" => s_responses.Select(Encoding.Latin1.GetBytes),
            _ => s_exchanges.Select(ExchangeScript.FromText),
        }).Select((seed, i) => ($"seed-{i:d2}", seed));
}
