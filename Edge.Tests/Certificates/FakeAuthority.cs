using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>
/// An ACME authority of the tests' own, with what Debian 12's pebble lacks: renewal information (RFC 9773), profiles, addresses, short lives, a clock that
/// leaps, refusals. It believes every proof, and checks every signature with the framework's own cryptography.
/// </summary>
internal sealed class FakeAuthority : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly TimeProvider _time;
    private readonly X509Certificate2 _root = TestCertificates.MakeAuthority("the fake authority");
    private readonly X509Certificate2 _own;
    private readonly TemporaryFolder _folder = new();
    private readonly Lock _lock = new();
    private readonly HashSet<string> _nonces = [];
    private readonly List<Order> _orders = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _serving;
    private JsonNode? _accountKey;

    internal FakeAuthority(TimeProvider time)
    {
        _time = time;
        using X509Certificate2 signed = TestCertificates.Sign(_root, ["localhost"]);
        _own = X509CertificateLoader.LoadPkcs12(signed.Export(X509ContentType.Pkcs12), null);
        Roots = _folder.File("roots.pem");
        File.WriteAllBytes(Roots, TestCertificates.Pem(_root));
        _listener.Start();
        _serving = ServeAsync();
    }

    internal string Directory => $"{Base}/dir";

    internal string Roots { get; }

    /// <summary>How long its certificates live.</summary>
    internal TimeSpan Life { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The profiles that it has; one whose name has a number of days gives such certificates.</summary>
    internal string[] Profiles { get; set; } = [];

    /// <summary>The window for the renewal of a certificate, by its id; null for no renewal information at all.</summary>
    internal Func<string, (DateTimeOffset Start, DateTimeOffset End)>? Window { get; set; }

    /// <summary>What an order for a name is refused with.</summary>
    internal Func<string, (int Status, string Kind, string? RetryAfter)?> Refuse { get; set; } = _ => null;

    /// <summary>The payloads of all new orders, in order.</summary>
    internal List<JsonNode> Ordered { get; } = [];

    /// <summary>The ids that were asked for.</summary>
    internal List<string> Asked { get; } = [];

    private string Base => $"https://localhost:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    internal int OrdersOf(string host)
    {
        lock (_lock)
        {
            return Ordered.Count(one => (string)one["identifiers"]![0]!["value"]! == host);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        await _serving;
        _own.Dispose();
        _root.Dispose();
        _folder.Dispose();
        _end.Dispose();
    }

    private async Task ServeAsync()
    {
        var all = new List<Task>();
        try
        {
            while (true)
            {
                all.Add(AnswerAsync(await _listener.AcceptSocketAsync(_end.Token)));
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(all);
        }
    }

    private async Task AnswerAsync(Socket socket)
    {
        try
        {
            await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _own }, _end.Token);
            var bytes = new MemoryStream();
            byte[] area = new byte[8192];
            string text = "";
            int end = -1;
            while (end < 0 || bytes.Length < end + 4 + LengthOf(text))
            {
                int got = await stream.ReadAsync(area, _end.Token);
                if (got == 0)
                {
                    return;
                }

                bytes.Write(area, 0, got);
                text = Encoding.Latin1.GetString(bytes.ToArray());
                end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            }

            string[] line = text.Split(' ');
            await stream.WriteAsync(Answer(line[0], line[1], text[(end + 4)..]), _end.Token);
            await stream.ShutdownAsync();
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client has left, or the test is over.
        }
    }

    private static int LengthOf(string head)
    {
        const string Name = "Content-Length: ";
        int at = head.IndexOf(Name, StringComparison.Ordinal);
        return at < 0 ? 0 : int.Parse(head[(at + Name.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
    }

    private byte[] Answer(string method, string path, string body)
    {
        lock (_lock)
        {
            (int status, string fields, string type, string content) = method == "POST" ? Signed(path, body) : Plain(path);
            string nonce = Guid.NewGuid().ToString("N");
            _nonces.Add(nonce);
            return Encoding.ASCII.GetBytes(
                $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nReplay-Nonce: {nonce}\r\nContent-Length: {content.Length}\r\n{fields}\r\n"
                + (method == "HEAD" ? "" : content));
        }
    }

    private (int, string, string, string) Plain(string path)
    {
        const string Renewal = "/ari/";
        if (path.StartsWith(Renewal, StringComparison.Ordinal) && Window is not null)
        {
            string id = path[Renewal.Length..];
            Asked.Add(id);
            (DateTimeOffset start, DateTimeOffset end) = Window(id);
            return Json(200, new JsonObject { ["suggestedWindow"] = new JsonObject { ["start"] = start, ["end"] = end } }, "Retry-After: 21600\r\n");
        }

        var meta = new JsonObject { ["termsOfService"] = $"{Base}/terms" };
        if (Profiles.Length > 0)
        {
            meta["profiles"] = new JsonObject(Profiles.Select(p => new KeyValuePair<string, JsonNode?>(p, "a profile")));
        }

        var directory = new JsonObject
        {
            ["newNonce"] = $"{Base}/nonce",
            ["newAccount"] = $"{Base}/account",
            ["newOrder"] = $"{Base}/order",
            ["meta"] = meta,
        };
        if (Window is not null)
        {
            directory["renewalInfo"] = $"{Base}/ari";
        }

        return path is "/dir" or "/nonce" ? Json(200, directory) : Json(404, []);
    }

    private (int, string, string, string) Signed(string path, string body)
    {
        JsonNode message = JsonNode.Parse(body)!;
        string first = (string)message["protected"]!, second = (string)message["payload"]!;
        JsonNode header = JsonNode.Parse(Base64Url.DecodeFromChars(first))!;
        JsonNode key = header["jwk"] ?? _accountKey!;
        using var verifier = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = Base64Url.DecodeFromChars((string)key["x"]!), Y = Base64Url.DecodeFromChars((string)key["y"]!) },
        });
        byte[] signature = Base64Url.DecodeFromChars((string)message["signature"]!);
        bool isSigned = verifier.VerifyData(Encoding.ASCII.GetBytes($"{first}.{second}"), signature, HashAlgorithmName.SHA256);
        if (!isSigned || (string)header["url"]! != Base + path || (string)header["alg"]! != "ES256")
        {
            return Problem(400, "malformed", "the message is not signed as it has to be");
        }

        if (!_nonces.Remove((string)header["nonce"]!))
        {
            return Problem(400, "badNonce", "the nonce is not one of mine");
        }

        string[] parts = path.Split('/');
        return parts[1] switch
        {
            "account" => Account(key),
            "order" => NewOrder(JsonNode.Parse(Base64Url.DecodeFromChars(second))!),
            "o" => Json(200, _orders[int.Parse(parts[2])].ToJson(Base)),
            "a" => Json(200, _orders[int.Parse(parts[2])].AuthorizationToJson(Base)),
            "c" => Prove(_orders[int.Parse(parts[2])]),
            "f" => Finalize(_orders[int.Parse(parts[2])], JsonNode.Parse(Base64Url.DecodeFromChars(second))!),
            "cert" => (200, "", "application/pem-certificate-chain", _orders[int.Parse(parts[2])].Chain!),
            _ => Json(404, []),
        };
    }

    private (int, string, string, string) Account(JsonNode key)
    {
        bool isNew = _accountKey is null;
        _accountKey = key.DeepClone();
        return Json(isNew ? 201 : 200, new JsonObject { ["status"] = "valid" }, $"Location: {Base}/acct/1\r\n");
    }

    private (int, string, string, string) NewOrder(JsonNode request)
    {
        Ordered.Add(request);
        string host = (string)request["identifiers"]![0]!["value"]!;
        if (Refuse(host) is { } refusal)
        {
            return Problem(refusal.Status, refusal.Kind, "refused by the test", refusal.RetryAfter is null ? "" : $"Retry-After: {refusal.RetryAfter}\r\n");
        }

        string? days = ((string?)request["profile"])?.Split('-')[^1];
        var order = new Order(_orders.Count, host, days is null ? Life : TimeSpan.FromDays(int.Parse(days)));
        _orders.Add(order);
        return Json(201, order.ToJson(Base), $"Location: {Base}/o/{order.Number}\r\n");
    }

    private static (int, string, string, string) Prove(Order order)
    {
        order.Status = "ready";
        return Json(200, []);
    }

    private (int, string, string, string) Finalize(Order order, JsonNode request)
    {
        // Loading checks the signature.
        CertificateRequest csr = CertificateRequest.LoadSigningRequest(
            Base64Url.DecodeFromChars((string)request["csr"]!), HashAlgorithmName.SHA256, CertificateRequestLoadOptions.UnsafeLoadCertificateExtensions);
        ReadOnlySpan<byte> ownKey = SHA256.HashData(_root.PublicKey.ExportSubjectPublicKeyInfo()).AsSpan(0, 20);
        csr.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(ownKey));
        DateTimeOffset now = _time.GetUtcNow();
        byte[] serial = RandomNumberGenerator.GetBytes(12);
        serial[0] = (byte)((serial[0] & 0x7F) | 1);
        X509SignatureGenerator generator = X509SignatureGenerator.CreateForECDsa(_root.GetECDsaPrivateKey()!);
        using X509Certificate2 signed = csr.Create(_root.SubjectName, generator, now, now + order.Life, serial);
        order.Chain = signed.ExportCertificatePem() + "\n" + _root.ExportCertificatePem() + "\n";
        order.Status = "valid";
        return Json(200, order.ToJson(Base));
    }

    private static (int, string, string, string) Json(int status, JsonObject content, string fields = "") =>
        (status, fields, "application/json", content.ToJsonString());

    private static (int, string, string, string) Problem(int status, string kind, string detail, string fields = "") =>
        (status, fields, "application/problem+json", new JsonObject { ["type"] = $"urn:ietf:params:acme:error:{kind}", ["detail"] = detail }.ToJsonString());

    private sealed class Order(int number, string host, TimeSpan life)
    {
        internal int Number => number;

        internal TimeSpan Life => life;

        internal string Status { get; set; } = "pending";

        internal string? Chain { get; set; }

        internal JsonObject ToJson(string root)
        {
            var json = new JsonObject
            {
                ["status"] = Status,
                ["authorizations"] = new JsonArray($"{root}/a/{number}"),
                ["finalize"] = $"{root}/f/{number}",
            };
            if (Chain is not null)
            {
                json["certificate"] = $"{root}/cert/{number}";
            }

            return json;
        }

        internal JsonObject AuthorizationToJson(string root) => new()
        {
            ["status"] = Status == "pending" ? "pending" : "valid",
            ["identifier"] = new JsonObject { ["type"] = "dns", ["value"] = host },
            ["challenges"] = new JsonArray(Challenge("http-01", root), Challenge("tls-alpn-01", root)),
        };

        private JsonObject Challenge(string type, string root) =>
            new() { ["type"] = type, ["url"] = $"{root}/c/{number}", ["status"] = "pending", ["token"] = $"token-{number}" };
    }
}
