using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>What came of one connection of a client.</summary>
/// <param name="Got">Everything the client got, the present date as a star.</param>
/// <param name="Closed">Its connection was ended from the other side.</param>
/// <param name="After">The answer to one more request, on the same connection where that was open, else on a new one.</param>
internal sealed record ClientOutcome(string Got, bool Closed, string After);

/// <summary>Sends the bytes of a probe as a client, and reads what comes.</summary>
internal static partial class ProbeClient
{
    internal const string AfterRequest = $"GET {RecordingReplica.AfterPath} HTTP/1.1\r\nHost: h\r\n\r\n";

    // How long a proxy may think before it says anything, and before it says more; no test waits so.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_quiet = TimeSpan.FromMilliseconds(500);
    private static readonly int s_dateGrowth = "Sun, 06 Nov 1994 08:49:37 GMT".Length - 1;

    /// <summary>One connection through Edge.</summary>
    /// <param name="balancer">Where it listens.</param>
    /// <param name="probe">What to send, and how much to wait for.</param>
    /// <param name="split">Bytes sent first, all of which are read before the rest is sent; 0 to send all at once.</param>
    /// <param name="barrier">Knows when they are read.</param>
    /// <param name="answered">Ends when the replica has sent all it has to say, so that what comes late has come.</param>
    internal static async Task<ClientOutcome> RunAsync(IPEndPoint balancer, Probe probe, int split, Barrier barrier, Task answered)
    {
        using Wire wire = await Wire.ConnectAsync(balancer, TimeSpan.FromSeconds(20));
        if (split > 0)
        {
            await wire.SendAsync(probe.Sends[..split]);
            await barrier.PassAsync();
        }

        await wire.SendAsync(probe.Sends[split..]);
        if (probe.Finishes)
        {
            wire.Finish();
        }

        var got = new StringBuilder();
        if (probe.Then.Length > 0)
        {
            await ReadAsync(wire, got, 1);
            await wire.SendAsync(probe.Then);
        }

        // What is expected to end is read to its end; of the rest, no more than is expected.
        bool closed = !probe.Closes && probe.Gets.Length == 0
            ? await ReadOneAsync(wire, got)
            : await ReadAsync(wire, got, probe.Closes ? int.MaxValue : BytesOf(probe.Gets));
        string after = "";
        await answered;
        if (!closed && !probe.Closes)
        {
            await wire.SendAsync(AfterRequest);
            var text = new StringBuilder();
            closed = await ReadAsync(wire, text, AfterBytes);
            after = text.ToString();
        }

        return new ClientOutcome(Undated(got.ToString()), closed, Undated(after));
    }

    /// <summary>One connection through a proxy. It is not known how much the proxy will say, so everything is read until the proxy is quiet.</summary>
    /// <param name="proxy">Where it listens.</param>
    /// <param name="probe">What to send.</param>
    /// <param name="replica">Ends its answer where the proxy is silent, so that waiting for more is told from refusing; null to leave it.</param>
    internal static async Task<ClientOutcome> RunQuietAsync(IPEndPoint proxy, Probe probe, RecordingReplica? replica = null)
    {
        using Wire wire = await Wire.ConnectAsync(proxy);
        var all = new StringBuilder();
        Task<bool> reading = ReadAsync(wire, all, int.MaxValue);
        await SendAsync(wire, probe.Sends);
        if (probe.Finishes)
        {
            wire.Finish();
        }

        if (probe.Then.Length > 0)
        {
            await QuietAsync();
            await SendAsync(wire, probe.Then);
        }

        await QuietAsync();
        if (all.Length == 0 && !reading.IsCompleted && replica is { Seen.Length: > 0 })
        {
            replica.Finish();
            await QuietAsync();
        }

        int answer = all.Length;
        bool closed = reading.IsCompleted;
        if (!closed && !probe.Finishes)
        {
            await SendAsync(wire, AfterRequest);
            await QuietAsync();
            closed = reading.IsCompleted && all.Length == answer;
        }

        string text = all.ToString();
        return new ClientOutcome(Undated(text[..answer]), closed, Undated(text[answer..]));

        async Task QuietAsync()
        {
            int before = all.Length;
            if (await Quiet.WithinAsync(() => reading.IsCompleted || all.Length > before, s_silence) && !reading.IsCompleted)
            {
                await Quiet.WhileAsync(() => reading.IsCompleted ? -1 : all.Length, s_quiet);
            }
        }
    }

    private static async Task SendAsync(Wire wire, string text)
    {
        try
        {
            await wire.SendAsync(text);
        }
        catch (SocketException)
        {
            // Refused before it was sent whole: what was said of it can still be read.
        }
    }

    /// <summary>One request for <see cref="RecordingReplica.AfterPath"/> on a connection of its own.</summary>
    internal static async Task<string> AskAfterAsync(IPEndPoint balancer)
    {
        using Wire wire = await Wire.ConnectAsync(balancer);
        await wire.SendAsync(AfterRequest);
        var text = new StringBuilder();
        await ReadAsync(wire, text, AfterBytes);
        return Undated(text.ToString());
    }

    /// <summary>What Edge answers to <see cref="AfterRequest"/>.</summary>
    internal static string AfterGets { get; } = Probe.Lines("HTTP/1.1 200 OK|Content-Length: 5|Date: *|Via: 1.1 edge||after");

    private static int AfterBytes => BytesOf(AfterGets);

    /// <summary>The present date as a star; dates of the last century are the probes' own.</summary>
    internal static string Undated(string text) => Dates().Replace(text, "${name}*");

    private static int BytesOf(string expected) => expected.Length + s_dateGrowth * expected.Split("Date: *").Skip(1).Count();

    // True where the connection has ended.
    private static async Task<bool> ReadAsync(Wire wire, StringBuilder got, int upTo)
    {
        byte[] some = new byte[16 * 1024];
        while (got.Length < upTo)
        {
            int length;
            try
            {
                length = await wire.ReadSomeAsync(some.AsMemory(0, Math.Min(some.Length, upTo - got.Length)));
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.OperationAborted)
            {
                return true;
            }

            if (length == 0)
            {
                return true;
            }

            got.Append(Encoding.Latin1.GetString(some, 0, length));
        }

        return false;
    }

    // One answer that the balancer makes itself; its text need not be known.
    private static async Task<bool> ReadOneAsync(Wire wire, StringBuilder got)
    {
        while (!got.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await ReadAsync(wire, got, got.Length + 1))
            {
                return true;
            }
        }

        int body = new Message(got.ToString(), []).Field("Content-Length") is { } length ? int.Parse(length) : int.MaxValue - got.Length;
        return await ReadAsync(wire, got, got.Length + body);
    }

    [GeneratedRegex(@"(?<name>\r\n[Dd]ate: )\w{3}, \d\d \w{3} 20\d\d \d\d:\d\d:\d\d GMT")]
    private static partial Regex Dates();
}
