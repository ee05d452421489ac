using Edge.Routing;

namespace Edge.Proxy;

/// <summary>Picks the replicas for the requests of one service on one loop: from the table of this turn, and from where the loop stands in its round.</summary>
internal sealed class ReplicaPicker
{
    private readonly LoopContext _loop;
    private readonly FailurePenalties _penalties;
    private readonly int _loops;
    private uint _random;
    private uint _cursor;

    /// <param name="loop">Whose picks they are.</param>
    /// <param name="service">The service's number.</param>
    /// <param name="loops">How many loops there are.</param>
    /// <param name="penalties">Those of the loop: they count as load.</param>
    internal ReplicaPicker(LoopContext loop, int service, int loops, FailurePenalties penalties)
    {
        (_loop, _loops, _penalties) = (loop, loops, penalties);

        // Not 0, whatever the numbers are: a product of odd numbers and of numbers from 1 on, far below 2^32.
        _random = 0x9E3779B9u * (uint)(loop.Number + 1) * (2u * (uint)service + 1u);
    }

    /// <summary>The table of this turn.</summary>
    internal ReplicaTable Table { get; private set; } = ReplicaTable.Empty;

    /// <summary>Takes up a table. False if it is the same as before.</summary>
    /// <param name="table">Of this service.</param>
    /// <param name="isFresh">Whether the loop has answered nothing yet: then it may begin anywhere in the round.</param>
    internal bool Take(ReplicaTable table, bool isFresh)
    {
        if (ReferenceEquals(table, Table))
        {
            return false;
        }

        if (isFresh || ReferenceEquals(Table, ReplicaTable.Empty))
        {
            _cursor = table.StaggeredStart(_loop.Number, _loops);
        }

        Table = table;
        return true;
    }

    /// <summary>Whether requests go to the replica that has the fewest of them in flight, or to each in turn.</summary>
    internal bool PicksLessLoaded { get; set; }

    /// <summary>The next replica for a request, with or without room; null if there is none.</summary>
    /// <param name="failed">A replica that has just failed the request.</param>
    internal Replica? Pick(Replica? failed)
    {
        if (!PicksLessLoaded)
        {
            return failed is null ? Table.Pick(ref _cursor) : Table.PickOther(ref _cursor, failed);
        }

        _penalties.Expire(_loop.Now);
        return Table.PickLessLoaded(ref _cursor, ref _random, _loop.Number, failed);
    }

    /// <summary>The next one in the round, whatever it has to do; null if there is none.</summary>
    internal Replica? Next() => Table.Pick(ref _cursor);
}
