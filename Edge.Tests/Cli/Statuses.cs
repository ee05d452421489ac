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
