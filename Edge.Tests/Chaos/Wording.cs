using System.Globalization;
using System.Text;

namespace Edge.Tests.Chaos;

/// <summary>How requests are written for the replicas in use, and what is the right answer to them.</summary>
internal abstract class Wording
{
    /// <summary>A request with this token, ready to be sent.</summary>
    internal abstract byte[] Request(string token, bool isPost, Random random);

    /// <summary>What a whole answer is to the request with this token; for one that is not whole, what its head says.</summary>
    internal abstract Got Judge(string token, int status, string head, byte[]? body);
}

/// <summary>For <see cref="ChaosReplica"/>: bodies of both directions are made of the token.</summary>
internal sealed class ScriptedWording : Wording
{
    internal override byte[] Request(string token, bool isPost, Random random)
    {
        // Mostly small, as requests to an API are; one in ten answers takes many reads.
        int size = random.Next(10) == 0 ? random.Next(20_000, 60_000) : random.Next(20, 600);
        int length = isPost ? random.Next(10, 5_000) : 0;
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"{(isPost ? "POST" : "GET")} /of/{token} HTTP/1.1\r\nHost: h\r\nX-Token: {token}\r\n"
            + $"X-Size: {size}\r\n{(isPost ? $"Content-Length: {length}\r\n" : "")}\r\n");
        return [.. Encoding.Latin1.GetBytes(head), .. ChaosReplica.Payload(token, length)];
    }

    internal override Got Judge(string token, int status, string head, byte[]? body)
    {
        string? answered = HttpPeer.Field(head, "X-Token");
        if (answered is null)
        {
            return status >= 500 ? Got.BalancersError : Got.MixedUp;
        }

        if (answered != token || (body is not null && !body.AsSpan().SequenceEqual(ChaosReplica.Payload(token, body.Length))))
        {
            return Got.MixedUp;
        }

        return status == 200 ? Got.Right : Got.ReplicasError;
    }
}

/// <summary>For the built-in replica: its answer to an unknown path names the path.</summary>
internal sealed class BuiltInWording : Wording
{
    internal override byte[] Request(string token, bool isPost, Random random) =>
        Encoding.Latin1.GetBytes($"GET /of/{token} HTTP/1.1\r\nHost: h\r\n\r\n");

    internal override Got Judge(string token, int status, string head, byte[]? body)
    {
        if (status != 404)
        {
            return Got.BalancersError;
        }

        return body is null || Encoding.Latin1.GetString(body).Contains($"'/of/{token}'", StringComparison.Ordinal) ? Got.Right : Got.MixedUp;
    }
}
