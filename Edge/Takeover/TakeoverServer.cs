using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Takeover;

/// <summary>
/// The old balancer's side of a takeover. It gives the listening sockets themselves to the new process. Two processes that each listen with
/// SO_REUSEPORT would lose connections: the connections in the queue of a listener are reset when it closes, and a connection can always arrive
/// between the last accept and the close. (The kernel moves them to another listener only if net.ipv4.tcp_migrate_req is set, and by default it is
/// not.) A socket that both processes have open stays open when one of them closes it, with its queue and the handshakes that are under way, so
/// nothing is lost.
/// </summary>
internal sealed class TakeoverServer(IPEndPoint listen, ITakeoverHost host, Log log)
{
    // The time in which a program at the other end has to send its first record.
    private static readonly TimeSpan HelloTimeout = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private DescriptorChannel? _successor;

    /// <summary>Returns true when another process has taken over, false if none can.</summary>
    internal async Task<bool> RunAsync(CancellationToken cancellation)
    {
        Socket listener;
        try
        {
            listener = DescriptorChannel.Listen(TakeoverWords.NameOf(listen, Libc.geteuid()));
        }
        catch (SocketException failed)
        {
            log.Warning("takeover_unavailable", ("listen", listen), ("why", failed.Message));
            return false;
        }

        using (listener)
        {
            while (true)
            {
                DescriptorChannel channel = await AcceptAsync(listener, cancellation);
                if (await TryServeAsync(channel, listener, cancellation))
                {
                    // Open until the process ends: by that the other process learns that this one has ended.
                    _successor = channel;
                    return true;
                }

                channel.Dispose();
            }
        }
    }

    private async Task<DescriptorChannel> AcceptAsync(Socket listener, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return new DescriptorChannel(await listener.AcceptAsync(cancellation));
            }
            catch (SocketException failed)
            {
                // Most likely no descriptor is left: another attempt may succeed later.
                log.Warning("takeover_failed", ("why", failed.Message));
                await Task.Delay(AcceptPause, cancellation);
            }
        }
    }

    /// <summary>Returns true if the other process has taken over.</summary>
    private async Task<bool> TryServeAsync(DescriptorChannel channel, Socket listener, CancellationToken cancellation)
    {
        (int pid, _) = channel.Peer();
        bool offered = false, handedOver = false;
        try
        {
            if (!await IsWelcomeAsync(channel, cancellation))
            {
                return false;
            }

            log.Info("takeover_asked", ("pid", pid));
            offered = true;
            if (await OfferAsync(channel, cancellation) && (await channel.ReceiveAsync(cancellation))?.Text == TakeoverWords.Ready)
            {
                // The name first: the other process takes the name as soon as it is told that all is its own.
                listener.Dispose();
                handedOver = true;
                await host.HandOverAsync(pid);
                log.Info("taken_over", ("by_pid", pid));
                channel.Send(TakeoverWords.Yours, []);
            }
            else
            {
                log.Warning("takeover_abandoned", ("pid", pid));
            }
        }
        catch (IOException failed)
        {
            log.Warning("takeover_failed", ("pid", pid), ("why", failed.Message));
        }

        if (offered && !handedOver)
        {
            host.Resume();
        }

        return handedOver;
    }

    private static async Task<bool> IsWelcomeAsync(DescriptorChannel channel, CancellationToken cancellation)
    {
        if (!TakeoverWords.IsWelcome(channel))
        {
            channel.Send(TakeoverWords.No + "it belongs to another user", []);
            return false;
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(HelloTimeout);
        try
        {
            string? hello = (await channel.ReceiveAsync(deadline.Token))?.Text;
            if (hello is not null && hello != TakeoverWords.Hello)
            {
                channel.Send(TakeoverWords.No + $"it knows \"{TakeoverWords.Hello}\" only", []);
            }

            return hello == TakeoverWords.Hello;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<bool> OfferAsync(DescriptorChannel channel, CancellationToken cancellation)
    {
        ILookup<IPEndPoint, int> listeners = await host.OfferAsync(cancellation);
        if (listeners.Count == 0)
        {
            channel.Send(TakeoverWords.No + "it is about to end", []);
            return false;
        }

        channel.Send(string.Create(CultureInfo.InvariantCulture, $"{TakeoverWords.Yes}{host.Replicas} {host.Driver}"), []);
        foreach (IGrouping<IPEndPoint, int> address in listeners)
        {
            foreach (int[] some in address.Chunk(DescriptorChannel.DescriptorsAtMost))
            {
                channel.Send(TakeoverWords.Listener + address.Key, some);
            }
        }

        if (host.Tickets is { } tickets)
        {
            channel.Send(TakeoverWords.Tickets + tickets.ToText(), []);
        }

        foreach (IGrouping<string, (string Service, string Mode)> mode in host.Modes.GroupBy(one => one.Mode))
        {
            foreach ((string Service, string Mode)[] some in mode.Chunk(TakeoverWords.ServicesAtMost))
            {
                channel.Send($"{TakeoverWords.Mode}{mode.Key} {string.Join(' ', some.Select(one => one.Service))}", []);
            }
        }

        channel.Send(TakeoverWords.All, []);
        return true;
    }
}
