namespace Edge.Io;

/// <summary>An object that an event loop calls after it has handled the events of a turn; see <see cref="EventLoop.Defer"/>.</summary>
internal abstract class Deferrable
{
    // Link of the loop's list of the deferred objects.
    internal bool Deferred;
    internal Deferrable? DeferredNext;

    /// <summary>Goes on with the work that <see cref="EventLoop.Defer"/> put off.</summary>
    internal virtual void OnDeferred()
    {
    }
}
