using Edge.Drivers;

namespace Edge.Hosting;

/// <summary>What the choice of a driver depends on beside the options.</summary>
/// <param name="Engine">Where a Docker engine would be; null where DOCKER_HOST names none that can be used.</param>
/// <param name="IsEngineNamed">Whether DOCKER_HOST says it.</param>
/// <param name="Mistake">Why there is no such place.</param>
/// <param name="OwnId">The container in which the balancer runs; null where it runs in none.</param>
internal sealed record Surroundings(Uri? Engine, bool IsEngineNamed, string Mistake, string? OwnId)
{
    /// <summary>Those of this process.</summary>
    internal static Surroundings OfProcess()
    {
        Uri? engine = DockerEndpoint.OfProcess(out bool isNamed, out string mistake);
        return new(engine, isNamed, mistake, SelfContainer.FindId());
    }
}
