using System.Diagnostics;

namespace Edge.Tests.Chaos;

/// <summary>
/// The clock of the chaos. Its times are no guesses at how long something else takes: they are the load's rate, and how
/// long a fault lasts.
/// </summary>
internal static class Schedule
{
    /// <summary>Calls back for each of so many events a second, when it is due; stops after the length, or when it is cancelled.</summary>
    /// <param name="perSecond">How many.</param>
    /// <param name="length">For how long.</param>
    /// <param name="due">Called with the event's number and the timestamp at which it was due.</param>
    /// <param name="stop">Ends it early.</param>
    internal static async Task SteadilyAsync(int perSecond, TimeSpan length, Action<int, long> due, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        long count = (long)(length.TotalSeconds * perSecond);
        int done = 0;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (done < count && !stop.IsCancellationRequested)
        {
            // A late request is sent at once: the schedule does not wait for answers.
            long dueNow = Math.Min(count, (long)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond));
            for (; done < dueNow; done++)
            {
                due(done, start + done * Stopwatch.Frequency / perSecond);
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }

    /// <summary>Returns after this time.</summary>
    internal static async Task PassAsync(TimeSpan time, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(time);
        await timer.WaitForNextTickAsync(stop);
    }
}
