namespace Edge.Tests.Backends;

/// <summary>A thread for what the kernel keeps for each thread (credentials(7), namespaces(7)), and what must not outlive a test.</summary>
internal static class OwnThread
{
    /// <summary>Runs it, synchronously, on a thread that ends with it; what it throws arrives here.</summary>
    internal static async Task RunAsync(Action action)
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                action();
                over.SetResult();
            }
            catch (Exception failed)
            {
                over.SetException(failed);
            }
        });
        thread.Start();
        await over.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
    }
}
