using System.Diagnostics;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

/// <summary>How long a client waits for its answers.</summary>
internal static class Latency
{
    /// <summary>The 99th percentile of so many requests, one after the other, in microseconds. Each has to get 200.</summary>
    internal static async Task<double> MeasureAsync(this Wire client, string request, int requests)
    {
        double[] times = new double[requests];
        for (int i = 0; i < requests; i++)
        {
            long begun = Stopwatch.GetTimestamp();
            await client.SendAsync(request);
            Message answer = await client.ReadMessageAsync();
            Assert.True(answer.Status == 200, answer.Head + answer.Text);
            times[i] = Stopwatch.GetElapsedTime(begun).TotalMicroseconds;
        }

        Array.Sort(times);
        return times[requests * 99 / 100];
    }
}
