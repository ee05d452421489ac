namespace Edge.Io;

/// <summary>What has its turn when the events of an event loop's turn have had theirs; see <see cref="EventLoop.Defer"/>.</summary>
internal abstract class Deferrable
{
    // Link of the loop's list of those that go on in the next turn.
    internal bool Deferred;
    internal Deferrable? DeferredNext;

    /// <summary>Goes on with what was put off by <see cref="EventLoop.Defer"/>.</summary>
    internal virtual void OnDeferred()
    {
    }
}
