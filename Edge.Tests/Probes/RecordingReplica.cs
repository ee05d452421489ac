using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>A replica that keeps every whole request as its bytes came, and answers with the probe's.</summary>
internal sealed class RecordingReplica
{
    internal const string AfterPath = "/after";
    internal const string AfterAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nafter";

    private readonly ConcurrentQueue<string> _seen = new();
    private readonly ConcurrentQueue<int> _splits = new();
    private readonly ConcurrentBag<Wire> _wires = [];
    private TaskCompletionSource _allSent = new();
    private int _unsent;
    private int _reused;

    /// <summary>What each connection is answered with from now on.</summary>
    internal Probe? Probe { get; set; }

    /// <summary>Passed between the two parts of a split answer.</summary>
    internal Barrier? Barrier { get; set; }

    /// <summary>Whole requests in the order of their ends, those for <see cref="AfterPath"/> left out.</summary>
    internal string[] Seen => [.. _seen];

    /// <summary>Requests for <see cref="AfterPath"/> on a connection that carried a request of the probe.</summary>
    internal int Reused => Volatile.Read(ref _reused);

    /// <summary>From now on each answer is sent in two parts, the first as long as this says. Ends when the last has been sent and read.</summary>
    internal Task SplitAnswers(IReadOnlyCollection<int> lengths)
    {
        _unsent = lengths.Count;
        _allSent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        foreach (int length in lengths)
        {
            _splits.Enqueue(length);
        }

        return _allSent.Task;
    }

    /// <summary>Ends the direction to the proxy on every connection, so that a proxy that waits for more learns that nothing comes.</summary>
    internal void Finish()
    {
        foreach (Wire wire in _wires)
        {
            try
            {
                wire.Finish();
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Over already.
            }
        }
    }

    internal void Forget()
    {
        _seen.Clear();
        _splits.Clear();
        Volatile.Write(ref _reused, 0);
    }

    /// <summary>The script of its <see cref="Backend"/>.</summary>
    internal async Task ServeAsync(Wire wire)
    {
        bool hasServed = false;
        _wires.Add(wire);
        while (true)
        {
            string head = await wire.ReadHeadAsync();
            Probe probe = Probe!;
            bool isAfter = head.Split(' ') is [_, AfterPath, ..];
            if (!isAfter && probe.BeforeBody.Length > 0 && new Message(head, []).Field("Expect") is not null)
            {
                await wire.SendAsync(probe.BeforeBody);
            }

            string message = head + await ReadBodyAsync(wire, head);
            if (isAfter)
            {
                Interlocked.Add(ref _reused, hasServed ? 1 : 0);
                await wire.SendAsync(AfterAnswer);
                continue;
            }

            hasServed = true;
            _seen.Enqueue(message);
            await AnswerAsync(wire, probe.Answers);
            if (probe.ReplicaCloses)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(Wire wire, string answer)
    {
        if (!_splits.TryDequeue(out int first))
        {
            await wire.SendAsync(answer);
            return;
        }

        try
        {
            await wire.SendAsync(answer[..first]);
            await Barrier!.PassAsync();
            await wire.SendAsync(answer[first..]);
        }
        finally
        {
            // A balancer that has read enough to refuse the answer does not wait for the rest.
            await Barrier!.PassAsync();
            if (Interlocked.Decrement(ref _unsent) == 0)
            {
                _allSent.SetResult();
            }
        }
    }

    // As it stands on the wire; framing that the replica could misread shows in the text.
    private static async Task<string> ReadBodyAsync(Wire wire, string head)
    {
        var message = new Message(head, []);
        if (message.Fields("Transfer-Encoding") is [.., var coding] && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
        {
            return await ReadChunksAsync(wire);
        }

        return message.Fields("Content-Length") is [var length, ..] && int.TryParse(length, out int bytes)
            ? Encoding.Latin1.GetString(await wire.ReadExactlyAsync(bytes)) : "";
    }

    private static async Task<string> ReadChunksAsync(Wire wire)
    {
        var text = new StringBuilder();
        while (true)
        {
            string line = await wire.ReadLineAsync();
            text.Append(line);
            if (!int.TryParse(line.Split(';')[0].Trim(), NumberStyles.AllowHexSpecifier, null, out int size))
            {
                throw new EndOfStreamException("not a chunk");
            }

            if (size == 0)
            {
                return text.Append(await wire.ReadHeadAsync()).ToString();
            }

            text.Append(Encoding.Latin1.GetString(await wire.ReadExactlyAsync(size)));
            text.Append(await wire.ReadLineAsync());
        }
    }
}
