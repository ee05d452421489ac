using Edge.Drivers;

namespace Edge.Hosting;

/// <summary>The facts that decide which driver is chosen, in addition to the options.</summary>
/// <param name="Engine">The address of a Docker engine; null if DOCKER_HOST names none that can be used.</param>
/// <param name="IsEngineNamed">Whether DOCKER_HOST says it.</param>
/// <param name="Mistake">Why there is no such address.</param>
/// <param name="OwnId">The container in which the balancer runs; null if it runs in none.</param>
internal sealed record Surroundings(Uri? Engine, bool IsEngineNamed, string Mistake, string? OwnId)
{
    /// <summary>The line to the engine, which all services share; only where there is an <see cref="Engine"/>.</summary>
    internal EngineLine Line => field ??= new EngineLine(Engine!);

    /// <summary>The facts of this process.</summary>
    internal static Surroundings OfProcess()
    {
        Uri? engine = DockerEndpoint.OfProcess(out bool isNamed, out string mistake);
        return new(engine, isNamed, mistake, SelfContainer.FindId());
    }
}
