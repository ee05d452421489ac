using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>The containers of an engine whose labels say which requests are for them. It lists them when one of them comes or goes, and now and then.</summary>
/// <param name="engine">The engine.</param>
/// <param name="ownId">The container in which the balancer runs; null if it runs in none.</param>
/// <param name="time">The clock for repeated looks.</param>
internal sealed class LabelledContainers(DockerEngine engine, string? ownId, TimeProvider time) : IRouteClaims
{
    // What changes who there is, or what he is called. A container's labels never change.
    private static readonly string[] s_actions = ["create", "rename", "start", "die", "destroy"];

    /// <inheritdoc/>
    public async IAsyncEnumerable<IReadOnlyList<RouteClaim>> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);

        // One more event changes nothing while another one waits: all containers are listed.
        Channel<bool> news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        Task following = FollowAsync(news.Writer, over.Token);
        try
        {
            while (true)
            {
                await WaitAsync(news.Reader, over.Token);
                yield return await ListAsync(over.Token);
                await Task.Delay(TimeSpan.FromMilliseconds(Limits.LabelledPauseMilliseconds), time, over.Token);
            }
        }
        finally
        {
            await over.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IReadOnlyList<RouteClaim>> ListAsync(CancellationToken cancellation) =>
        [.. (await engine.ListLabelledAsync(ContainerLabels.Host, cancellation)).Where(container => container.Id != ownId)
            .Select(ServiceLabels.ClaimOf).OfType<RouteClaim>()];

    // Also for a while without an event, in case one was missed.
    private async Task WaitAsync(ChannelReader<bool> news, CancellationToken cancellation)
    {
        using var patience = new CancellationTokenSource(DockerWatch.RelistInterval, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, patience.Token);
        try
        {
            await news.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // It is time for another look.
            return;
        }
        catch (ChannelClosedException ended) when (ended.InnerException is DriverException lost)
        {
            throw lost;
        }
    }

    private async Task FollowAsync(ChannelWriter<bool> news, CancellationToken cancellation)
    {
        try
        {
            await foreach (ContainerEvent? happened in engine.EventsAsync(cancellation))
            {
                if (happened is null || (happened.Type == "container" && s_actions.Contains(happened.Action)
                    && happened.Attributes.ContainsKey(ContainerLabels.Host)))
                {
                    news.TryWrite(true);
                }
            }
        }
        catch (Exception failed)
        {
            // The reader of the channel gets the exception.
            news.TryComplete(failed);
        }
    }
}
