namespace Edge.Fleet;

/// <summary>How long starts take: the median of the last ones.</summary>
internal sealed class StartTimes
{
    private const int Kept = 9;

    private readonly Queue<TimeSpan> _last = new();
    private Dictionary<Incarnation, TimeSpan> _underWay = [];

    /// <summary>Zero if none was seen.</summary>
    internal TimeSpan Median { get; private set; }

    /// <summary>Looks which starts have begun, and which have ended well.</summary>
    /// <param name="all">The present lives of all members.</param>
    /// <param name="now">The time.</param>
    internal void Look(IEnumerable<Incarnation> all, TimeSpan now)
    {
        var underWay = new Dictionary<Incarnation, TimeSpan>();
        foreach (Incarnation one in all)
        {
            bool hasBegun = _underWay.TryGetValue(one, out TimeSpan began);
            if (one.State == ReplicaState.Starting)
            {
                underWay.Add(one, hasBegun ? began : now);
            }
            else if (hasBegun && one.State == ReplicaState.Healthy)
            {
                Add(now - began);
            }
        }

        _underWay = underWay;
    }

    /// <summary>A replica came into rotation so long after its start began.</summary>
    internal void Add(TimeSpan taken)
    {
        _last.Enqueue(taken);
        if (_last.Count > Kept)
        {
            _last.Dequeue();
        }

        TimeSpan[] sorted = [.. _last.Order()];
        Median = sorted[sorted.Length / 2];
    }
}
