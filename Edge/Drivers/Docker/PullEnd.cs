using Docker.DotNet.Models;

namespace Edge.Drivers;

/// <summary>How a pull ended. Its progress is not needed, but its failure comes as one of the messages about that.</summary>
internal sealed class PullEnd : IProgress<JSONMessage>
{
    /// <summary>Why it failed; null if it did not.</summary>
    internal string? Error { get; private set; }

    public void Report(JSONMessage value) => Error = value.Error?.Message ?? Error;
}
