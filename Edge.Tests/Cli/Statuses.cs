namespace Edge.Tests.Cli;

/// <summary>A status as a balancer sends it, and as it is shown.</summary>
internal static class Statuses
{
    internal const string One = """
        {"message":{"version":1,"balancer":{"version":"1","started":"2030-01-01T00:00:00+00:00",
        "fleet":"edge","driver":"process","why":"auto","minimum":0,"maximum":9},
        "process":{"pid":7,"uptimeSeconds":61.5,"managedBytes":1,"collections":[1,0,0]},
        "fleet":{"name":"edge","driver":"process","driverState":"watching","driverWhy":null,
        "owned":true,"members":2,"running":1,"inRotation":1,"minimum":0,"maximum":9,"panic":false},
        "traffic":{"requests":12,"errors":1,"inFlight":2,
        "recent":{"seconds":60,"requestsPerSecond":1234.5,"failuresPerSecond":0.1,"latencyMilliseconds":{"p50":0.25,"p90":4,"p99":123.4}}},
        "loops":[{"loop":0,"turns":5,"connections":6,"requests":7,"allocatedBytes":8,"waiting":9,"busyShare":0.25}],
        "replicas":[
        {"name":"server_1","address":"127.0.0.1:1","origin":"adopted","state":"healthy","why":"it passed","since":"2030-01-01T00:00:00+00:00",
        "weight":3,"effectiveWeight":1.5,"ejected":false,"onTrial":false,"image":null,
        "inFlight":2,"requests":3,"failures":4,"restarts":5,"crashLoop":false,
        "recent":{"seconds":60,"requestsPerSecond":12.34,"failuresPerSecond":0,"latencyMilliseconds":{"p50":0.25,"p90":4,"p99":12.34}}},
        {"name":"server_10","address":null,"origin":"made","state":"gone","why":"exit code 1","since":"2030-01-01T00:00:00+00:00",
        "weight":1,"effectiveWeight":0,"ejected":false,"onTrial":false,"image":"app:2","imageId":"sha256:2","generation":2,
        "inFlight":0,"requests":0,"failures":0,"restarts":7,"crashLoop":true,
        "recent":{"seconds":0,"requestsPerSecond":0,"failuresPerSecond":0,"latencyMilliseconds":null}}],
        "ignored":[{"name":"web","why":"it is on the network b and not on net"}],
        "options":{}},"status":"successful"}
        """;

    // Of a balancer with certificates; one of an older version has neither of the two.
    internal static string WithTls => One.Replace("\"options\":{}}", "\"options\":{},\n" + Certificates + "}", StringComparison.Ordinal);

    private const string Certificates = """
        "certificates":[
        {"names":["shop.test","*.shop.test"],"nameCount":2,"source":"/shop.pem","issuer":"R12","key":"ecdsa","from":"2030-01-01T00:00:00+00:00","until":"2030-04-01T00:00:00+00:00","daysLeft":60.44,"lastError":null,"renewsAt":null},
        {"names":["a.test","b.test","c.test","d.test"],"nameCount":4,"source":"acme","issuer":"E7","key":"rsa","from":"2030-01-01T00:00:00+00:00","until":"2030-01-07T00:00:00+00:00","daysLeft":2.66,"lastError":"the authority is away","renewsAt":"2030-01-05T12:00:00+00:00"},
        {"names":[],"nameCount":0,"source":"/none.pem","issuer":null,"key":null,"from":null,"until":null,"daysLeft":null,"lastError":"there is no file /none.pem","renewsAt":null}],
        "tls":{"library":"OpenSSL 3","handshakes":200,"tls12":50,"tls13":150,"resumed":101,"resumedShare":0.505,"failures":{"closed":3,"refused":1},"handshakeMilliseconds":{"p50":1.5,"p90":2,"p99":12.345}}
        """;

    internal const string CertificateTable = """
        CERTIFICATE                KEY    DAYS LEFT  ISSUER  RENEWS             SOURCE     LAST ERROR
        shop.test, *.shop.test     ecdsa         60  R12     -                  /shop.pem  -
        a.test, b.test and 2 more  rsa          2.7  E7      2030-01-05T12:00Z  acme       the authority is away
        -                          -              -  -       -                  /none.pem  there is no file /none.pem
        """;

    internal const string TlsLines = """

        TLS by OpenSSL 3: 200 handshakes, 50.5 % resumed, 75 % of TLS 1.3, p50 1.5 ms, p99 12.35 ms; 4 failed (3 closed, 1 refused)
        2 certificates, the first ends in 2.7 days
        CERTIFICATE                KEY  DAYS LEFT  ISSUER  RENEWS             SOURCE     LAST ERROR
        a.test, b.test and 2 more  rsa        2.7  E7      2030-01-05T12:00Z  acme       the authority is away
        -                          -            -  -       -                  /none.pem  there is no file /none.pem
        """;

    /// <summary>A line that ends with a backslash goes on in the next one.</summary>
    internal static readonly string Table = """
        edge 1, fleet edge, up 00:01:01, pid 7
        driver process: auto
        1 of 2 in rotation; 1234 requests/s, p50 0.25 ms, p99 123 ms, 2 in flight, 12 requests, 1 errors

        REPLICA    STATE              ORIGIN   GEN  IMAGE  ADDRESS      WEIGHT  REQ/S      P50      P99  IN FLIGHT \
         REQUESTS  FAILURES  RESTARTS  SINCE                 WHY
        server_1   healthy            adopted    -  -      127.0.0.1:1   1.5/3   12.3  0.25 ms  12.3 ms          2 \
                3         4         5  2030-01-01T00:00:00Z  it passed
        server_10  gone (crash loop)  made       2  app:2  -                 1      0        -        -          0 \
                0         0         7  2030-01-01T00:00:00Z  exit code 1
        web is passed over: it is on the network b and not on net

        LOOP  BUSY  CONNECTIONS  REQUESTS  WAITING  ALLOCATED
           0  25 %            6         7        9          8
        """.Replace("\\\n", "", StringComparison.Ordinal);
}
