using Edge.Fleet;
using Edge.Tests.Backends;

namespace Edge.Tests.Control;

public partial class OpenApiTests
{
    private async Task AskForDeploysAsync(ControlServer server)
    {
        await AskAsync(server, "GET", "/edge/deploy", 200, "");
        await AskAsync(server, "POST", "/edge/deploy", 202);
        await Quiet.UntilAsync(
            () => server.Fleets.All(fleet => fleet.Snapshot.Deploy is { Phase: DeployPhase.Canary }), "both services have a canary");
        await AskAsync(server, "POST", "/edge/deploy", 409);
        foreach (string command in new[] { "pause", "resume", "abort" })
        {
            await AskAsync(server, "POST", $"/edge/deploy/{command}", 200);
        }

        await Quiet.UntilAsync(
            () => server.Fleets.All(fleet => fleet.Snapshot.Deploy is { Phase: DeployPhase.Reverted }), "both are taken back");
        await AskAsync(server, "POST", "/edge/deploy", 202, """{"image": "app:3", "canary": 0, "judge": false, "wait": false, "force": true, "pull": true}""");
        await Quiet.UntilAsync(
            () => server.Fleets.All(fleet => fleet.Snapshot.Deploy is { Phase: DeployPhase.Switched }), "both have switched");
        await AskAsync(server, "POST", "/edge/deploy/promote", 200);
        await Quiet.UntilAsync(() => server.Fleets.All(fleet => fleet.Snapshot.Deploy is { Phase: DeployPhase.Done }), "both are done");
        await AskAsync(server, "POST", "/edge/deploy/rollback", 200);
        await Quiet.UntilAsync(
            () => server.Fleets.All(fleet => fleet.Snapshot.Deploy is { Phase: DeployPhase.Reverted }), "both are rolled back");
        Task deploy = AskAsync(server, "POST", "/edge/deploy", 200, """{"image": "app:4", "canary": 0}""");
        await Quiet.UntilAsync(
            () =>
            {
                server.Time.Advance(TimeSpan.FromSeconds(1));
                return deploy.IsCompleted;
            },
            "the deploy is done");
        await deploy;
        await Quiet.UntilAsync(() => server.Fleets.All(fleet => fleet.Snapshot.Deploy is { Phase: DeployPhase.Done }), "the old ones have ended");
        await AskAsync(server, "GET", "/edge/deploy", 200, "");
        await AskAsync(server, "GET", "/edge/status", 200);
    }
}
