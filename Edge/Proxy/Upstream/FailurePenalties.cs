using Edge.Config;
using Edge.Routing;

namespace Edge.Proxy;

/// <summary>
/// The failure penalties of one loop: a failed attempt counts as load of its replica for a second more. Without them, a replica that fails at once
/// has less to do than all others and would be picked for nearly every request.
/// </summary>
/// <param name="loop">The loop's number.</param>
internal sealed class FailurePenalties(int loop)
{
    // A ring in the order of time, because all penalties last equally long. It grows with the failures, up to a bound.
    private Place[] _ring = [];
    private int _first;
    private int _count;

    /// <summary>An attempt has failed.</summary>
    internal void Keep(Replica replica, long now)
    {
        Expire(now);
        if (_count == _ring.Length)
        {
            MakeRoom();
        }

        replica.CountersOf(loop).Held++;
        _ring[(_first + _count) & (_ring.Length - 1)] = new Place(replica, now + Limits.FailurePenaltyMilliseconds);
        _count++;
    }

    /// <summary>Ends the penalties whose time is over; before each pick that compares loads.</summary>
    internal void Expire(long now)
    {
        while (_count > 0 && _ring[_first].Until <= now)
        {
            GiveUpFirst();
        }
    }

    private void MakeRoom()
    {
        if (_ring.Length >= Limits.FailurePenalties)
        {
            GiveUpFirst();
            return;
        }

        var larger = new Place[Math.Max(16, 2 * _ring.Length)];
        for (int i = 0; i < _count; i++)
        {
            larger[i] = _ring[(_first + i) & (_ring.Length - 1)];
        }

        (_ring, _first) = (larger, 0);
    }

    private void GiveUpFirst()
    {
        _ring[_first].Replica.CountersOf(loop).Held--;
        _ring[_first] = default;
        _first = (_first + 1) & (_ring.Length - 1);
        _count--;
    }

    private readonly record struct Place(Replica Replica, long Until);
}
