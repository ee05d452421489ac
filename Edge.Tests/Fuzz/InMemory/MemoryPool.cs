using Edge.Proxy;
using Edge.Routing;

namespace Edge.Tests.Fuzz;

/// <summary>Lends streams in memory to one replica.</summary>
/// <param name="loop">Whose exchanges ask for them.</param>
/// <param name="queue">Where requests for it wait.</param>
/// <param name="replica">Which one.</param>
/// <param name="connected">Gets each new one: its other end is the replica's.</param>
internal sealed class MemoryPool(LoopContext loop, RequestQueue queue, Replica replica, Action<MemoryUpstream> connected)
    : UpstreamPool(loop, queue, replica)
{
    private readonly Stack<MemoryUpstream> _idle = [];
    private readonly HashSet<MemoryUpstream> _active = [];

    internal override UpstreamStream? Obtain(bool mustBeOpen, out bool outOfResources)
    {
        outOfResources = false;
        while (_idle.TryPop(out MemoryUpstream? pooled))
        {
            if (!mustBeOpen || pooled.IsQuiet())
            {
                pooled.WasPooled = true;
                return pooled;
            }

            pooled.Wire.Close(resets: false);
        }

        return Connect(out outOfResources);
    }

    internal override UpstreamStream Connect(out bool outOfResources)
    {
        outOfResources = false;
        var made = new MemoryUpstream(Loop, this);
        connected(made);
        return made;
    }

    internal override void Assign(UpstreamStream stream, UpstreamUser user)
    {
        Check(_active.Add((MemoryUpstream)stream) && stream.User is null, "a stream is lent twice");
        stream.User = user;
    }

    internal override void Return(UpstreamStream stream, Edge.Proxy.Ending ending, bool reusable)
    {
        var returned = (MemoryUpstream)stream;
        Remove(returned);
        if (reusable && !returned.Wire.IsClosed)
        {
            _idle.Push(returned);
        }
        else if (!returned.Wire.IsClosed)
        {
            returned.Wire.Close(resets: false);
        }
    }

    internal override bool TryHold(UpstreamStream stream, IUpstreamHolder holder)
    {
        (stream.User, stream.WasPooled) = (null, true);
        ((MemoryUpstream)stream).Holder = holder;
        holder.Held = stream;
        return true;
    }

    internal override UpstreamStream TakeHeld(UpstreamStream stream)
    {
        Remove((MemoryUpstream)stream);
        return stream;
    }

    /// <summary>Whether it is one that a holder has, or had until now.</summary>
    internal bool Holds(MemoryUpstream stream) => _active.Contains(stream) && stream is { User: null, IsAbandoned: false };

    /// <summary>Something has come by a stream that nobody has, or its holder has let go of it: it is of no more use.</summary>
    internal void Discard(MemoryUpstream stream)
    {
        if (stream.IsAbandoned)
        {
            Leave();
        }

        if (_active.Contains(stream))
        {
            Remove(stream);
        }
        else
        {
            List<MemoryUpstream> others = [.. _idle.Where(s => s != stream).Reverse()];
            _idle.Clear();
            others.ForEach(_idle.Push);
        }

        stream.Wire.Close(resets: false);
    }

    internal override void LearnStale()
    {
    }

    internal override bool TryCloseIdle() => false;

    internal override void Release(Action<DrainReport> released) => throw new NotSupportedException("no replica goes here");

    internal override void Relieve() => throw new NotSupportedException("no replica goes here");

    internal override void CutActive(bool isLost) => throw new NotSupportedException("no replica goes here");

    private void Remove(MemoryUpstream stream)
    {
        Check(_active.Remove(stream), "a stream comes back that was not lent");
        stream.User = null;
        if (stream.Holder is { } holder)
        {
            (holder.Held, stream.Holder) = (null, null);
        }
    }

    private static void Check(bool holds, string what) => FuzzTargets.Check(holds, what);
}
