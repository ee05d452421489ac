using System.Globalization;
using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Chaos;

/// <summary>
/// What an operator does while replicas fail: gives the balancer other options, and puts another process in its place. The
/// seed decides when, and which of the two.
/// </summary>
/// <param name="first">The balancer at the beginning; stays the caller's to dispose.</param>
/// <param name="folder">Where it looks for its options.</param>
/// <param name="options">What else it was given.</param>
/// <param name="seed">Of the order and the pauses.</param>
internal sealed class Operator(NativeEdge first, string folder, (string Key, string Value)[] options, int seed) : IAsyncDisposable
{
    private readonly List<NativeEdge> _successors = [];
    private int _reloads;

    /// <summary>The one that accepts now.</summary>
    internal NativeEdge Current => _successors.LastOrDefault() ?? first;

    public override string ToString() => $"{_reloads} reloads, {_successors.Count} takeovers";

    /// <summary>Returns when it is told to stop; with the last thing that it began done.</summary>
    internal async Task RunAsync(CancellationToken stop)
    {
        var random = new Random(seed);
        try
        {
            // One of each in any case, the rest by chance.
            for (int i = 0; ; i++)
            {
                await Schedule.PassAsync(TimeSpan.FromMilliseconds(random.Next(500, 2500)), stop);
                await (i == 0 || (i > 1 && random.Next(2) == 0) ? ReloadAsync() : TakeOverAsync());
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>Returns when those that were replaced have ended; each with 0.</summary>
    internal async Task RetiredAsync()
    {
        foreach (NativeEdge old in _successors.SkipLast(1).Prepend(first).Where(e => e != Current))
        {
            Assert.True(await old.ExitAsync() == 0, old.Output);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (NativeEdge edge in _successors)
        {
            await edge.DisposeAsync();
        }
    }

    private async Task ReloadAsync()
    {
        _reloads++;
        string text = """{"Edge": {"Retries": {"Within": "00:00:1#"}}}"""
            .Replace("#", (_reloads % 10).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "appsettings.json"), text);
        NativeEdge edge = Current;
        int before = Reloads(edge);
        await edge.SignalAsync("HUP");
        await Quiet.UntilAsync(() => Reloads(edge) > before, $"the options are reloaded\n{edge.Output}");
    }

    private async Task TakeOverAsync() => _successors.Add(await NativeEdge.StartAsync(
        folder, ["--takeover"], [.. options, ("Listen", first.Endpoint.ToString())]));

    private static int Reloads(NativeEdge edge) => edge.Output.Split("options_reloaded").Length;
}
