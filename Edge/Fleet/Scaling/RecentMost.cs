namespace Edge.Fleet;

/// <summary>The largest of the numbers of the last time.</summary>
internal sealed class RecentMost
{
    // Each is less than the one before: a larger one that came later counts for longer. So there are no more than different numbers.
    private readonly List<(TimeSpan At, int Number)> _falling = [];

    /// <summary>Adds a number, and returns the largest one that is not older than a time.</summary>
    internal int Add(int number, TimeSpan now, TimeSpan within)
    {
        while (_falling.Count > 0 && _falling[^1].Number <= number)
        {
            _falling.RemoveAt(_falling.Count - 1);
        }

        _falling.Add((now, number));
        while (_falling[0].At < now - within)
        {
            _falling.RemoveAt(0);
        }

        return _falling[0].Number;
    }

    internal void Clear() => _falling.Clear();
}
