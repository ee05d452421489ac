using Edge.Routing;

namespace Edge.Proxy;

/// <summary>What the clients of one loop see while somebody wants to know; else there is none. Belongs to the loop.</summary>
internal sealed class DrillObserver
{
    internal ClientView Sum { get; private set; }

    internal void CountAnswer(long milliseconds) => Sum += new ClientView(1, 0, 0, milliseconds);

    internal void CountRetry() => Sum += new ClientView(0, 1, 0, 0);

    internal void CountFailure(long milliseconds) => Sum += new ClientView(0, 0, 1, milliseconds);
}
