using Edge.Routing;

namespace Edge.Proxy;

/// <summary>Counts what the clients of one loop see during a drill. Belongs to the loop; without a drill there is none.</summary>
internal sealed class DrillObserver
{
    internal ClientView Sum { get; private set; }

    internal void CountAnswer(long milliseconds) => Sum += new ClientView(1, 0, 0, milliseconds);

    internal void CountRetry() => Sum += new ClientView(0, 1, 0, 0);

    internal void CountFailure(long milliseconds) => Sum += new ClientView(0, 0, 1, milliseconds);
}
