using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Chaos;

/// <summary>
/// Requests by a schedule that waits for no answer: where the balancer stalls, they pile up, and each counts from when it
/// was due. Connections stay open and are used again; a request that finds none free opens one.
/// </summary>
internal sealed class OpenLoad(IPEndPoint to, Wording wording, int seed, int perSecond, int postsOfTen, string prefix = "t")
{
    // Longer than any fault and any timeout in these tests.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(25);

    private readonly ConcurrentStack<HttpPeer> _idle = new();
    private readonly Random _random = new(seed);
    private long _start;

    /// <summary>Runs for this long, or until it is stopped; returns when each request has come to its end.</summary>
    internal async Task<IReadOnlyList<Outcome>> RunAsync(TimeSpan length, CancellationToken stop)
    {
        var requests = new List<Task<Outcome>>();
        _start = Stopwatch.GetTimestamp();
        await Schedule.SteadilyAsync(perSecond, length, (number, due) => requests.Add(AskAsync(number, due)), stop);
        Outcome[] outcomes = await Task.WhenAll(requests);
        foreach (HttpPeer peer in _idle)
        {
            peer.Dispose();
        }

        return outcomes;
    }

    private Task<Outcome> AskAsync(int number, long due)
    {
        // Drawn here, by one thread and in order, so that the seed decides what is sent.
        bool isPost = _random.Next(10) < postsOfTen;
        string token = string.Create(CultureInfo.InvariantCulture, $"{prefix}{number}");
        byte[] request = wording.Request(token, isPost, _random);
        return Task.Run(async () =>
        {
            (Got got, string detail) = await AskAsync(token, request);
            double at = Stopwatch.GetElapsedTime(_start, due).TotalSeconds;
            return new Outcome(token, isPost, got, Stopwatch.GetElapsedTime(due).TotalMilliseconds, at, detail);
        });
    }

    private async Task<(Got Got, string Detail)> AskAsync(string token, byte[] request)
    {
        using var patience = new CancellationTokenSource(s_patience);
        HttpPeer? peer = null;
        bool hasHead = false;
        bool keep = false;
        try
        {
            peer = await ConnectionAsync(patience.Token);
            await peer.SendAsync(request, patience.Token);
            if (await peer.ReadHeadAsync(patience.Token) is not { } head)
            {
                return (Got.Reset, "ended before its head");
            }

            if (!head.StartsWith("HTTP/1.1 ", StringComparison.Ordinal) || !int.TryParse(head.AsSpan(9, 3), CultureInfo.InvariantCulture, out int status))
            {
                return (Got.Garbage, "");
            }

            Got headSays = wording.Judge(token, status, head, null);
            hasHead = headSays == Got.Right;
            int length = int.Parse(HttpPeer.Field(head, "Content-Length") ?? "0", CultureInfo.InvariantCulture);
            byte[] body = await peer.ReadBodyAsync(length, patience.Token);
            if (body.Length < length)
            {
                return (hasHead ? Got.BrokenAfterHead : headSays, $"ended after {body.Length} of {length} bytes");
            }

            keep = !"close".Equals(HttpPeer.Field(head, "Connection"), StringComparison.OrdinalIgnoreCase);
            Got got = wording.Judge(token, status, head, body);
            return (got, got == Got.Right ? "" : Beginning(head, body));
        }
        catch (SocketException e)
        {
            return (hasHead ? Got.BrokenAfterHead : Got.Reset, e.SocketErrorCode.ToString());
        }
        catch (OperationCanceledException)
        {
            return (Got.Nothing, "");
        }
        finally
        {
            if (peer is not null && keep)
            {
                _idle.Push(peer);
            }
            else
            {
                peer?.Dispose();
            }
        }
    }

    private static string Beginning(string head, byte[] body) =>
        (head[..head.IndexOf('\r')] + " " + Encoding.Latin1.GetString(body.AsSpan(0, Math.Min(body.Length, 120)))).ReplaceLineEndings(" ");

    private async Task<HttpPeer> ConnectionAsync(CancellationToken stop)
    {
        while (_idle.TryPop(out HttpPeer? peer))
        {
            if (!peer.IsSpent)
            {
                return peer;
            }

            peer.Dispose();
        }

        return await HttpPeer.ConnectAsync(to, stop);
    }
}
