using System.Net;
using Edge.Tests.Backends;

namespace Edge.Tests.Probes;

/// <summary>
/// Tells when a balancer with one loop has read what was sent to it before: a request on a connection of its own becomes
/// readable later, so once it is answered, the loop has had the events of everything that came earlier.
/// </summary>
internal sealed class Barrier : IDisposable
{
    private const string Ask = "GET /heartbeat HTTP/1.1\r\nHost: barrier\r\n\r\n";

    private readonly Lock _lock = new();
    private readonly Wire _wire;
    private Task _current = Task.CompletedTask;
    private Task? _next;

    private Barrier(Wire wire) => _wire = wire;

    internal static async Task<Barrier> OpenAsync(IPEndPoint balancer) => new(await Wire.ConnectAsync(balancer, TimeSpan.FromMinutes(2)));

    /// <summary>Ends when all that was sent before the call has been read. Calls that come while one is on its way share the next.</summary>
    internal Task PassAsync()
    {
        lock (_lock)
        {
            return _next ??= AskBehindAsync(_current);
        }
    }

    public void Dispose() => _wire.Dispose();

    private async Task AskBehindAsync(Task current)
    {
        // Not while the caller holds the lock: those that come until the last answer is there share this one.
        await Task.Yield();
        await current;
        lock (_lock)
        {
            _current = _next!;
            _next = null;
        }

        await _wire.SendAsync(Ask);
        await _wire.ReadMessageAsync();
    }
}
