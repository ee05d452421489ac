using System.Net;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Observability;
using Edge.Options;

namespace Edge;

/// <summary>Who runs the replicas, and why.</summary>
/// <param name="Driver">The driver; null where the options ask for one that can't be had.</param>
/// <param name="Why">For a reader.</param>
internal sealed record DriverChoice(IReplicaDriver? Driver, string Why)
{
    // Whoever starts the balancer waits for this; an engine on the same host answers in milliseconds.
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(2);

    /// <param name="options">Those of the start.</param>
    /// <param name="stop">How long a replica may take to end, as the options say now.</param>
    /// <param name="log">Gets what the replicas print.</param>
    /// <param name="time">The clock.</param>
    internal static async Task<DriverChoice> MakeAsync(EdgeOptions options, Func<TimeSpan> stop, Log log, TimeProvider time)
    {
        switch (options.Fleet.Driver)
        {
            case FleetDriver.Auto when options.Fleet.Addresses.Length > 0:
                return new(Static(options, log, time), "auto, and Edge:Fleet:Addresses are given");
            case FleetDriver.Auto:
                return await AutoAsync(options, stop, log, time);
            case FleetDriver.Static:
                return new(Static(options, log, time), "Edge:Fleet:Driver says so");
            case FleetDriver.Process:
                return new(Process(stop, log, time), "Edge:Fleet:Driver says so");
            default:
                return DockerEndpoint.OfProcess(out string mistake) is { } endpoint
                    ? new(Docker(options, endpoint, stop, log, time), $"Edge:Fleet:Driver says so; the engine at {endpoint}")
                    : new(null, mistake);
        }
    }

    private static async Task<DriverChoice> AutoAsync(EdgeOptions options, Func<TimeSpan> stop, Log log, TimeProvider time)
    {
        if (DockerEndpoint.OfProcess(out string mistake) is not { } endpoint)
        {
            return new(Process(stop, log, time), $"auto, and {mistake}");
        }

        DockerDriver docker = Docker(options, endpoint, stop, log, time);
        using var deadline = new CancellationTokenSource(AnswerTimeout, time);
        string why;
        try
        {
            ReplicaListing fleet = await docker.ListAsync(deadline.Token);
            if (options.Docker.Image.Length > 0 || OwnContainer.FindId() is not null)
            {
                return new(docker, $"auto, and the engine at {endpoint} answers");
            }

            if (fleet.Running.Count + fleet.Ended.Count > 0)
            {
                return new(docker, $"auto, and the engine at {endpoint} has containers of the fleet {options.Fleet.Name}");
            }

            why = $"the engine at {endpoint} has none of the fleet's containers and no image to make them of: Edge:Docker:Image is empty, and the balancer runs in no container";
        }
        catch (DriverException failed)
        {
            why = failed.Message;
        }
        catch (OperationCanceledException)
        {
            why = $"the Docker engine at {endpoint} did not answer within {AnswerTimeout.TotalSeconds:0} s";
        }

        await docker.DisposeAsync();
        return new(Process(stop, log, time), $"auto, and {why}");
    }

    private static DockerDriver Docker(EdgeOptions options, Uri endpoint, Func<TimeSpan> stop, Log log, TimeProvider time)
    {
        var engine = new DockerEngine(endpoint, options.Docker.Network);
        string? ownId = OwnContainer.FindId();
        var fleet = new DockerFleet(options.Fleet.Name, options.Docker.Network, options.Docker.Port, ownId);
        var templates = new ContainerTemplates(options.Docker, options.Fleet.Name, ownId, engine);
        return new DockerDriver(engine, fleet, templates, isSizeGiven: false, stop, log, time);
    }

    private static ProcessDriver Process(Func<TimeSpan> stop, Log log, TimeProvider time) =>
        new(ReplicaProgram.Itself(), stop, time, (name, line) => log.Info("replica_says", ("name", name), ("line", line)));

    private static StaticDriver Static(EdgeOptions options, Log log, TimeProvider time) =>
        new([.. options.Fleet.Addresses.Select(a => OptionValues.ParseAddress(a)!.Value)], Dns.GetHostAddressesAsync, time, log);
}
