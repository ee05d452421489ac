using System.Net;
using System.Net.Sockets;
using Edge.Balancing;
using Edge.Io;
using Edge.Observability;

namespace Edge.Proxy;

/// <summary>The event loops together: what the rest of the process sees of the data plane.</summary>
internal sealed class DataPlane : IDataPlane
{
    private readonly ProxySettings _settings;
    private readonly ReplicaTableCell _table = new();
    private readonly ProxyLoop[] _loops;

    /// <param name="settings">Checked before.</param>
    /// <param name="control">Answers what is not forwarded; called on the thread pool.</param>
    internal DataPlane(ProxySettings settings, LocalHandler control)
    {
        _settings = settings;
        var clientCounts = new ClientCounts(settings.Overload.ConnectionsPerClient);
        _loops = [.. Enumerable.Range(0, settings.Loops).Select(i => new ProxyLoop(i, settings, _table, control, clientCounts, r => Suspected?.Invoke(r)))];
        Endpoint = settings.Listen;
        ControlEndpoint = settings.ControlListen;
    }

    /// <summary>Requests to a replica fail one after the other. Called on a loop's thread: it must return at once.</summary>
    internal event Action<Replica>? Suspected;

    public int Loops => _loops.Length;

    /// <summary>Where clients come in; after <see cref="Start"/> with the port that was really taken.</summary>
    internal IPEndPoint Endpoint { get; private set; }

    /// <summary>Where the balancer's own paths are, when apart.</summary>
    internal IPEndPoint? ControlEndpoint { get; private set; }

    /// <summary>Listens and begins to serve.</summary>
    /// <exception cref="SocketException">An address can't be had.</exception>
    internal void Start()
    {
        ListenerRole role = _settings.ControlListen is null ? ListenerRole.Both : ListenerRole.Forwarding;
        Listener.CheckFree(Endpoint);
        if (ControlEndpoint is { } wanted)
        {
            Listener.CheckFree(wanted);
        }

        foreach (ProxyLoop loop in _loops)
        {
            // The first loop fixes a port that was left to the kernel; the others join it.
            Endpoint = loop.Listen(Endpoint, role);
            if (ControlEndpoint is { } control)
            {
                ControlEndpoint = loop.Listen(control, ListenerRole.Control);
            }
        }

        foreach (ProxyLoop loop in _loops)
        {
            loop.OpenListeners();
            loop.Start();
        }
    }

    /// <summary>Has other settings hold in every loop; addresses, loops and the connections of one client stay as they are.</summary>
    internal void Reconfigure(ProxySettings settings)
    {
        var changed = new LoopSettings(settings with { Loops = _loops.Length });
        foreach (ProxyLoop loop in _loops)
        {
            loop.Post(() => loop.Reconfigure(changed));
        }
    }

    public void Publish(ReplicaTable table) => _table.Swap(table);

    public async Task<DrainReport> ReleaseAsync(Replica replica, TimeSpan timeout)
    {
        Task<DrainReport[]> released = Task.WhenAll(_loops.Select(loop =>
        {
            var done = new TaskCompletionSource<DrainReport>(TaskCreationOptions.RunContinuationsAsynchronously);
            loop.Post(() => loop.Release(replica, done));
            return done.Task;
        }));
        if (await Task.WhenAny(released, Task.Delay(timeout)).ConfigureAwait(false) != released)
        {
            foreach (ProxyLoop loop in _loops)
            {
                loop.Post(() => loop.CutReplica(replica));
            }
        }

        return (await released.ConfigureAwait(false)).Aggregate(default(DrainReport), (sum, of) => sum + of);
    }

    /// <summary>Closes the listeners, lets requests in flight finish until the timeout, cuts the rest, and ends the loops.</summary>
    internal async Task StopAsync(TimeSpan drain)
    {
        Task drained = Task.WhenAll(_loops.Select(loop => OnLoop(loop, done => loop.Drain().ContinueWith(
            _ => done.SetResult(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default))));
        if (await Task.WhenAny(drained, Task.Delay(drain)).ConfigureAwait(false) != drained)
        {
            foreach (ProxyLoop loop in _loops)
            {
                loop.Post(loop.CutAll);
            }
        }

        foreach (ProxyLoop loop in _loops)
        {
            loop.Post(loop.Stop);
        }

        await Task.WhenAll(_loops.Select(loop => loop.Ended)).ConfigureAwait(false);
        foreach (ProxyLoop loop in _loops)
        {
            loop.Dispose();
        }
    }

    /// <summary>What each loop has counted; from any thread.</summary>
    internal LoopReport[] Report() => [.. _loops.Select(loop => loop.Report())];

    private static Task OnLoop(ProxyLoop loop, Action<TaskCompletionSource> action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Post(() => action(done));
        return done.Task;
    }
}
