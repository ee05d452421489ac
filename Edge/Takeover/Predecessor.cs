using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Io;

namespace Edge.Takeover;

/// <summary>The new balancer's side of a takeover: the old balancer, and the listening sockets that it gave.</summary>
internal sealed class Predecessor : IDisposable
{
    private readonly DescriptorChannel _channel;
    private readonly List<(IPEndPoint Endpoint, int Descriptor)> _listeners = [];
    private readonly List<(string Service, string Mode)> _modes = [];
    private Task<DescriptorRecord?> _next = Task.FromResult<DescriptorRecord?>(null);

    private Predecessor(DescriptorChannel channel) => _channel = channel;

    internal int Pid { get; private set; }

    /// <summary>How many replicas it has.</summary>
    internal int Replicas { get; private set; }

    /// <summary>Who runs them.</summary>
    internal string Driver { get; private set; } = "";

    /// <summary>The keys of its session tickets; null if it has none.</summary>
    internal HandedTickets? Tickets { get; private set; }

    /// <summary>Its services that are not open, with their modes in words; one of an older version says nothing of that.</summary>
    internal IReadOnlyList<(string Service, string Mode)> Modes => _modes;

    /// <summary>Its listening sockets. They belong to the listener that begins to accept at them.</summary>
    internal ILookup<IPEndPoint, int> Listeners => _listeners.ToLookup(l => l.Endpoint, l => l.Descriptor);

    /// <summary>Completes when the old balancer sends something, or ends. Before <see cref="TakeAsync"/> it sends nothing.</summary>
    internal Task Silence => _next;

    /// <summary>Asks the balancer that listens at one of these addresses for its sockets; null if there is none.</summary>
    /// <param name="listen">The addresses. A balancer is found by the first of its Edge:Listen, so that the order of these does not matter.</param>
    /// <param name="user">
    /// The user that this process will become, because the old process may have become it already; null if it stays the user that it is.
    /// </param>
    /// <param name="cancellation">Ends the wait for its answers.</param>
    /// <exception cref="TakeoverException">The old balancer refused.</exception>
    internal static async Task<Predecessor?> FindAsync(IReadOnlyList<IPEndPoint> listen, uint? user, CancellationToken cancellation)
    {
        uint own = Libc.geteuid();
        uint[] users = user is { } other && other != own ? [other, own] : [own];
        foreach ((IPEndPoint address, uint one) in listen.SelectMany(address => users.Select(one => (address, one))))
        {
            if (await FindAsync(address, one, cancellation) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    private static async Task<Predecessor?> FindAsync(IPEndPoint listen, uint user, CancellationToken cancellation)
    {
        if (await ConnectAsync(TakeoverWords.NameOf(listen, user), cancellation) is not { } channel)
        {
            return null;
        }

        var predecessor = new Predecessor(channel);
        try
        {
            // Any process may use an abstract name; the kernel says who it is.
            if (channel.Peer().User != user)
            {
                throw new TakeoverException("who answers in its place is a program of another user");
            }

            await predecessor.AskAsync(cancellation);
            predecessor._next = channel.ReceiveAsync(CancellationToken.None);
            return predecessor;
        }
        catch (IOException failed)
        {
            predecessor.Dispose();
            throw new TakeoverException(failed.Message);
        }
        catch (Exception)
        {
            predecessor.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Makes sure that this process will accept at every address of the old one. Otherwise clients would wait in the queue of a socket that nobody
    /// accepts from.
    /// </summary>
    /// <exception cref="TakeoverException">It will not accept at one of them.</exception>
    internal void CheckAddresses(IReadOnlyCollection<IPEndPoint?> own)
    {
        if (Listeners.Select(l => l.Key).FirstOrDefault(endpoint => !own.Contains(endpoint)) is { } other)
        {
            throw new TakeoverException($"it listens at {other} too, and the options of this one do not say so");
        }
    }

    /// <summary>Makes sure that the choice of the driver, which was left to the program, did not change by chance.</summary>
    /// <exception cref="TakeoverException">It changed.</exception>
    internal void CheckDriver(string own, string why)
    {
        if (own != Driver)
        {
            throw new TakeoverException(
                $"its replicas are those of the driver {Driver}, and this one would choose {own} ({why}); say which with Edge:Fleet:Driver");
        }
    }

    /// <summary>Tells the old balancer that this process accepts now. Returns when the old one accepts no more, or has ended.</summary>
    internal async Task TakeAsync()
    {
        try
        {
            _channel.Send(TakeoverWords.Ready, []);
            if (await _next is not null)
            {
                _next = _channel.ReceiveAsync(CancellationToken.None);
            }
        }
        catch (IOException)
        {
            // The old balancer has ended in the meantime: then it accepts no more either, and the sockets are here.
            _next = Task.FromResult<DescriptorRecord?>(null);
        }
    }

    /// <summary>Returns when the old balancer has ended, with everything that it had in flight.</summary>
    internal async Task EndAsync()
    {
        while (await _next is not null)
        {
            _next = _channel.ReceiveAsync(CancellationToken.None);
        }

        // Nothing more is to be said, so the descriptor is not needed.
        Dispose();
    }

    public void Dispose() => _channel.Dispose();

    private static async Task<DescriptorChannel?> ConnectAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await DescriptorChannel.ConnectAsync(name, cancellation);
        }
        catch (SocketException failed)
        {
            throw new TakeoverException(failed.Message);
        }
    }

    private async Task AskAsync(CancellationToken cancellation)
    {
        Pid = _channel.Peer().Pid;
        _channel.Send(TakeoverWords.Hello, []);
        string answer = (await NextAsync(cancellation)).Text;
        if (answer.StartsWith(TakeoverWords.No, StringComparison.Ordinal))
        {
            throw new TakeoverException(answer[TakeoverWords.No.Length..]);
        }

        string[] words = answer.Split(' ');
        if (!answer.StartsWith(TakeoverWords.Yes, StringComparison.Ordinal) || words.Length != 3
            || !int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int replicas))
        {
            throw new TakeoverException($"it answered \"{answer}\"");
        }

        (Replicas, Driver) = (replicas, words[2]);
        while (await NextAsync(cancellation) is { Text: not TakeoverWords.All } record)
        {
            if (record.Text.StartsWith(TakeoverWords.Tickets, StringComparison.Ordinal))
            {
                // Without the keys, clients make whole handshakes: no reason to give up.
                Tickets = HandedTickets.Parse(record.Text[TakeoverWords.Tickets.Length..]);
            }
            else if (record.Text.StartsWith(TakeoverWords.Mode, StringComparison.Ordinal))
            {
                string[] told = record.Text[TakeoverWords.Mode.Length..].Split(' ');
                _modes.AddRange(told[1..].Select(service => (service, told[0])));
            }
            else if (record.Text.StartsWith(TakeoverWords.Listener, StringComparison.Ordinal))
            {
                IPEndPoint endpoint = IPEndPoint.Parse(record.Text[TakeoverWords.Listener.Length..]);
                _listeners.AddRange(record.Descriptors.Select(descriptor => (endpoint, descriptor)));
            }
        }
    }

    private async Task<DescriptorRecord> NextAsync(CancellationToken cancellation) =>
        await _channel.ReceiveAsync(cancellation) ?? throw new TakeoverException("it ended before it had handed over");
}
