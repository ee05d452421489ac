using Edge.Telemetry;

namespace Edge.Control;

/// <summary>What is noted of counters that only grow, every few seconds: the values of the last minute, and a point for each step of a longer time.</summary>
/// <param name="time">The clock of the notes.</param>
/// <param name="points">How many points are kept beyond the notes; 0 for none, so that there are those of the last minute.</param>
internal sealed class FigureNotes(TimeProvider time, int points)
{
    private const int Notes = 12;

    // As large as they become, because what they would grow through is garbage in the middle of serving.
    private readonly Queue<Note> _notes = new(Notes + 1);
    private readonly Queue<HistoryPoint> _points = new(points);
    private Note _last;

    /// <summary>The turn of the last note, so that what gets none any more is found.</summary>
    internal long Turn { get; set; }

    /// <summary>The points, the oldest first.</summary>
    internal HistoryPoint[] Points => points > 0 ? [.. _points] : [.. _notes.Zip(_notes.Skip(1), PointOf)];

    /// <summary>Notes where the counters stand.</summary>
    internal void Add(in Note note)
    {
        if (_notes.Count > Notes)
        {
            _notes.Dequeue();
        }

        if (points > 0 && _notes.Count > 0)
        {
            if (_points.Count == points)
            {
                _points.Dequeue();
            }

            _points.Enqueue(PointOf(_last, note));
        }

        _last = note;
        _notes.Enqueue(note);
    }

    /// <summary>What has been counted since the oldest note.</summary>
    internal RecentFigures Since(in Note now) => Between(_notes.Peek(), now);

    private RecentFigures Between(in Note then, in Note now) => new(
        time.GetElapsedTime(then.At, now.At).TotalSeconds, now.Requests - then.Requests, now.Failures - then.Failures, now.Times.Since(then.Times));

    private HistoryPoint PointOf(Note then, Note now)
    {
        RecentFigures figures = Between(then, now);
        double seconds = Math.Max(figures.Seconds, 1e-3);
        return new(
            (float)figures.RequestsPerSecond, (float)((now.Errors - then.Errors) / seconds), now.InFlight,
            (float)(figures.Quantile(0.5) ?? double.NaN), (float)(figures.Quantile(0.99) ?? double.NaN));
    }

    /// <summary>The values of counters at one time.</summary>
    /// <param name="At">The timestamp.</param>
    /// <param name="Requests">Requests or attempts that ended.</param>
    /// <param name="Failures">Those that failed, for any reason.</param>
    /// <param name="Errors">See <see cref="HistoryPoint.ErrorsPerSecond"/>.</param>
    /// <param name="InFlight">Those under way.</param>
    /// <param name="Times">How long they took.</param>
    internal readonly record struct Note(long At, long Requests, long Failures, long Errors, long InFlight, Histogram Times);
}
