namespace Edge.Fleet;

/// <summary>The slow work of deploys. Each method starts work and returns at once; the result comes back as a message.</summary>
internal sealed class DeployTasks(FleetTasks tasks, IReplicaDriver driver, SmokeTest smoke, Action<FleetMessage> post, CancellationToken shutdown)
{
    /// <summary>How many lines of a failed replica are kept.</summary>
    internal const int LinesAtMost = 50;

    /// <summary>Starts a new replica as its member says.</summary>
    internal void Start(Member member, Incarnation incarnation) => tasks.Start(member, incarnation);

    /// <summary>Has the deploy looked at again, though nothing may have happened by then.</summary>
    internal void LookLater(TimeSpan pause) => tasks.PostLater(new FleetMessage.DeployDue(), pause);

    /// <summary>Finds the image of a deploy, and the one that the options name.</summary>
    internal void FindImage(Deployment deploy) => tasks.Run(async () =>
    {
        try
        {
            string configured = await ConfiguredAsync();
            ReplicaImage image = await driver.FindImageAsync(deploy.Plan.Image, deploy.Plan.Pulls, shutdown);
            post(new FleetMessage.DeployImage(deploy, image, configured, null));
        }
        catch (DriverException failed)
        {
            post(new FleetMessage.DeployImage(deploy, null, "", failed.Message));
        }
    });

    /// <summary>Asks the first new replica for each path of the plan.</summary>
    internal void AskSmoke(Deployment deploy, Incarnation lead)
    {
        ObservedReplica replica = lead.Observed!;
        tasks.Run(async () =>
        {
            foreach (string path in deploy.Plan.Smoke)
            {
                if (await smoke(replica, path, shutdown) is { } failure)
                {
                    post(new FleetMessage.SmokeOver(deploy, $"{replica.Name}, asked for {path} before any client: {failure}"));
                    return;
                }
            }

            post(new FleetMessage.SmokeOver(deploy, null));
        });
    }

    /// <summary>Reads the last lines of a replica before it is removed.</summary>
    internal void ReadLines(Deployment deploy, string unitId) => tasks.Run(async () =>
    {
        try
        {
            post(new FleetMessage.LinesRead(deploy, await driver.LastLinesAsync(unitId, LinesAtMost, shutdown)));
        }
        catch (DriverException failed)
        {
            post(new FleetMessage.LinesRead(deploy, [$"its lines cannot be read: {failed.Message}"]));
        }
    });

    // Where the options name nothing that a replica could be made of, a deploy still can.
    private async Task<string> ConfiguredAsync()
    {
        try
        {
            return (await driver.ImageAsync(shutdown)).Name;
        }
        catch (DriverException none) when (none.Kind == DriverFailure.Failed)
        {
            return "";
        }
    }
}
