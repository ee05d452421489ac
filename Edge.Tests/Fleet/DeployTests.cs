using Edge.Config;
using Edge.Fleet;
using Edge.Routing;

namespace Edge.Tests.Fleet;

/// <summary>Deploys over a driver, a data plane, health checks and a clock in memory.</summary>
public sealed class DeployTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_good_version_gets_a_share_then_all_requests_by_one_swap_and_the_old_one_is_kept_and_in_the_end_removed()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        DeployOperation deploy = Begin(fleet, "app:2");
        DeployAnswer begun = await deploy.Begun.WaitAsync(s_patience);
        Assert.Null(begun.Refusal);
        await UntilAsync(fleet, DeployPhase.Canary);
        Assert.Equal(["server_1", "server_2"], fleet.Plane.Names);
        Assert.Equal(["server_3"], Names(fleet.Plane.Table.Canary!.Table));
        Assert.Equal(1000, fleet.Plane.Table.Canary.Share);
        ReplicaSpec lead = fleet.Driver.Specs.Last();
        Assert.Equal((2, new ReplicaImage("app:2", "sha256:app:2")), (lead.Generation!.Value, lead.Image!));
        Assert.Equal(new DeployMark(1, 2, IsLead: true, "app:1"), lead.Mark);

        fleet.Time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(fleet, DeployPhase.Switched);
        Assert.Equal(["server_3", "server_4"], fleet.Plane.Names);
        Assert.Null(fleet.Plane.Table.Canary);
        Assert.Equal(["server_1", "server_2", "server_3", "server_4"], fleet.Driver.Running);
        Assert.False(deploy.Settled.IsCompleted);

        fleet.Time.Advance(TimeSpan.FromSeconds(30));
        DeployAnswer settled = await deploy.Settled.WaitAsync(s_patience);
        Assert.True(settled.Status!.IsPromoted);
        await UntilAsync(fleet, DeployPhase.Done);
        Assert.Equal(["server_3", "server_4"], fleet.Driver.Running);
        Assert.Contains("Keep server_1", fleet.Journal.Entries);
        Assert.Equal(ReplicaState.Kept, (await fleet.SettleAsync("server_1")).State);
        Assert.Equal(["server_3", "server_4"], fleet.Manager.Snapshot.Running);

        fleet.Time.Advance(TimeSpan.FromMinutes(10));
        await fleet.Journal.WaitAsync("forget id1");
        await fleet.Journal.WaitAsync("forget id2");
        Assert.Equal(["server_3", "server_4"], (await fleet.SettleAsync()).Replicas.Select(r => r.Name));
        Assert.Equal(
            ["Pulling", "Starting", "Canary", "Filling", "Switched", "Retiring", "Done"],
            fleet.Manager.Snapshot.Deploy!.Steps.Select(step => step.Phase.ToString()));
    }

    [Fact]
    public async Task After_a_deploy_new_replicas_are_of_its_image_whatever_the_options_say()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        await PromoteAsync(fleet, "app:2");
        Assert.Null((await fleet.AddAsync(1, "blue")).Refusal);
        ReplicaSnapshot added = await fleet.SettleAsync("blue");
        Assert.Equal((2, "app:2"), (added.Generation, added.Image!.Name));

        // The options name another image than when that was deployed: that is the newest wish.
        fleet.Driver.Image = new ReplicaImage("app:3", "sha256:3");
        Assert.Null((await fleet.AddAsync(1, "green")).Refusal);
        Assert.Equal((3, "app:3"), ((await fleet.SettleAsync("green")).Generation, (await fleet.SettleAsync("green")).Image!.Name));
    }

    [Theory]
    [InlineData("start")]
    [InlineData("death")]
    [InlineData("check")]
    [InlineData("stop")]
    [InlineData("image")]
    public async Task A_first_replica_that_is_lost_takes_the_new_version_back_and_the_old_one_serves_all_the_while(string how)
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        if (how == "start")
        {
            fleet.Driver.OnStart = (name, _) => name == "server_3"
                ? throw new DriverException(DriverFailure.Failed, "it ended with exit code 1") { LastLines = ["no database"] } : Task.CompletedTask;
        }
        else if (how == "image")
        {
            fleet.Driver.OnFindImage = _ => throw new DriverException(DriverFailure.Failed, "there is no image app:2");
        }

        DeployOperation deploy = Begin(fleet, "app:2");
        if (how is "death" or "check" or "stop")
        {
            await UntilAsync(fleet, DeployPhase.Canary);
            switch (how)
            {
                case "death": fleet.Driver.Kill("server_3", "it ended with exit code 3"); break;
                case "check": fleet.Health.Report("server_3", HealthVerdict.Failed); break;
                default: fleet.Driver.Say(new DriverEvent.StoppedFromOutside(fleet.Driver["server_3"].UnitId, "it was stopped")); break;
            }
        }

        DeployAnswer settled = await deploy.Settled.WaitAsync(s_patience);
        Assert.Equal(DeployPhase.Reverted, settled.Status!.Phase);
        Assert.Contains(
            how switch
            {
                "start" => "server_3: it ended with exit code 1",
                "death" => "server_3: it ended with exit code 3",
                "check" => "server_3: it answered 500",
                "stop" => "server_3: it was stopped",
                _ => "there is no image app:2",
            },
            settled.Status.Now.Why,
            StringComparison.Ordinal);
        Assert.Equal(how switch { "start" => ["no database"], "image" => [], _ => ["server_3 said this"] }, settled.Status.LastLines);
        Assert.Equal(["server_1", "server_2"], (await fleet.SettleAsync()).Replicas.Select(r => r.Name));
        Assert.Equal(["server_1", "server_2"], fleet.Plane.Names);
        Assert.Null(fleet.Plane.Table.Canary);
        Assert.DoesNotContain(
            fleet.Journal.Entries, e => e.StartsWith("publish", StringComparison.Ordinal) && e.Contains("server_3", StringComparison.Ordinal));

        // The next replica is as before.
        fleet.Driver.OnStart = (_, _) => Task.CompletedTask;
        Assert.Null((await fleet.AddAsync(1)).Refusal);
        Assert.Equal((1, "app:1"), ((await fleet.SettleAsync("server_3")).Generation, (await fleet.SettleAsync("server_3")).Image!.Name));
    }

    [Fact]
    public async Task A_replica_that_fails_while_the_version_fills_takes_it_back_and_the_lead_goes_before_the_others()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 3);
        fleet.Health.Held.Add("server_5");
        DeployOperation deploy = Begin(fleet, "app:2");
        await UntilAsync(fleet, DeployPhase.Canary);
        fleet.Time.Advance(TimeSpan.FromMinutes(1));
        await fleet.Journal.WaitAsync("watch server_5");
        fleet.Health.Report("server_5", HealthVerdict.NeverWell, "nobody listens");
        DeployAnswer settled = await deploy.Settled.WaitAsync(s_patience);
        Assert.Equal((DeployPhase.Reverted, "server_5: nobody listens"), (settled.Status!.Phase, settled.Status.Now.Why));
        Assert.True(fleet.Journal.LastIndex("Remove server_4") < fleet.Journal.LastIndex("release server_6"));
        Assert.Equal(["server_1", "server_2", "server_3"], fleet.Driver.Running);
    }

    [Fact]
    public async Task A_version_none_of_whose_replicas_is_well_after_the_swap_gives_the_requests_back()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        DeployOperation deploy = Begin(fleet, "app:2");
        await UntilAsync(fleet, DeployPhase.Canary);
        fleet.Time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(fleet, DeployPhase.Switched);
        fleet.Health.Report("server_2", HealthVerdict.Failed);
        DeployAnswer settled = await deploy.Settled.WaitAsync(s_patience);
        Assert.Equal(DeployPhase.Reverted, settled.Status!.Phase);
        Assert.Equal(["server_1"], fleet.Plane.Names);
        Assert.Equal(["server_1"], fleet.Driver.Running);
    }

    [Fact]
    public async Task A_rollback_starts_what_is_kept_switches_back_by_one_swap_and_removes_the_new_version()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        await PromoteAsync(fleet, "app:2");
        Assert.Null((await CommandAsync(fleet, DeployCommand.Rollback)).Refusal);
        await UntilAsync(fleet, DeployPhase.Reverted);
        Assert.Equal(["server_1", "server_2"], fleet.Plane.Names);
        Assert.Equal(["server_1", "server_2"], fleet.Driver.Running);
        Assert.Equal(["id1", "id2"], fleet.Driver.Specs.TakeLast(2).Select(spec => spec.UnitId).Order(StringComparer.Ordinal));
        Assert.DoesNotContain("publish ", fleet.Journal.Entries.Skip(fleet.Journal.LastIndex("Keep server_1")));
        Assert.Null((await fleet.AddAsync(1, "blue")).Refusal);
        Assert.Equal("app:1", (await fleet.SettleAsync("blue")).Image!.Name);
    }

    [Theory]
    [InlineData("app:2")]
    [InlineData("none")]
    public async Task A_deploy_that_changes_nothing_leaves_the_rollback_that_was_possible_and_its_time(string image)
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        await PromoteAsync(fleet, "app:2");
        DateTimeOffset until = fleet.Manager.Snapshot.Deploy!.KeptUntil!.Value;
        fleet.Driver.OnFindImage = name => name == "none" ? throw new DriverException(DriverFailure.Failed, "there is no image none") : Task.CompletedTask;
        fleet.Time.Advance(TimeSpan.FromMinutes(1));
        await Begin(fleet, image).Settled.WaitAsync(s_patience);
        Assert.Equal(until, fleet.Manager.Snapshot.Deploy!.KeptUntil);
        Assert.Null((await CommandAsync(fleet, DeployCommand.Rollback)).Refusal);
        await Backends.Quiet.UntilAsync(() => fleet.Plane.Names is ["server_1"], "the old one serves");

        // And without a rollback nothing is left of it.
        await PromoteAsync(fleet, "app:3");
        await Begin(fleet, image == "none" ? image : "app:3").Settled.WaitAsync(s_patience);
        fleet.Time.Advance(TimeSpan.FromMinutes(10));
        await Backends.Quiet.UntilAsync(() => fleet.Manager.Snapshot.Replicas is [{ State: ReplicaState.Healthy }], "the old one is removed");
    }

    [Fact]
    public async Task A_rollback_to_replicas_that_do_not_become_well_leaves_the_new_version_as_it_is()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        await PromoteAsync(fleet, "app:2");
        fleet.Health.Held.Add("server_1");
        Assert.Null((await CommandAsync(fleet, DeployCommand.Rollback)).Refusal);
        await fleet.Journal.WaitAsync("watch server_1", 2);
        await fleet.SettleAsync();
        fleet.Time.Advance(new TimeoutOptions().Start);
        await Backends.Quiet.UntilAsync(() => fleet.Manager.Snapshot.Deploy!.Phase == DeployPhase.Done, "the rollback is given up");
        Assert.Contains("no old replica became well", fleet.Manager.Snapshot.Deploy!.Now.Why, StringComparison.Ordinal);
        Assert.Equal(["server_2"], fleet.Plane.Names);
    }

    [Fact]
    public async Task A_person_has_it_wait_go_on_promotes_and_aborts_it()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        Assert.Equal("there is no deploy", (await CommandAsync(fleet, DeployCommand.Pause)).Refusal!.Message);
        DeployOperation deploy = Begin(fleet, "app:2");
        await UntilAsync(fleet, DeployPhase.Canary);
        Assert.Null((await CommandAsync(fleet, DeployCommand.Pause)).Refusal);
        Assert.True((await deploy.Settled.WaitAsync(s_patience)).Status!.Now.IsPaused);
        fleet.Time.Advance(TimeSpan.FromMinutes(5));
        await fleet.SettleAsync();
        Assert.Equal(DeployPhase.Canary, fleet.Manager.Snapshot.Deploy!.Phase);
        Assert.Equal("nothing can be done about that while the deploy is paused", (await CommandAsync(fleet, DeployCommand.Pause)).Refusal!.Message);
        Assert.Null((await CommandAsync(fleet, DeployCommand.Resume)).Refusal);
        Assert.Null((await CommandAsync(fleet, DeployCommand.Promote)).Refusal);
        await UntilAsync(fleet, DeployPhase.Switched);
        Assert.Null((await CommandAsync(fleet, DeployCommand.Abort)).Refusal);
        await UntilAsync(fleet, DeployPhase.Reverted);
        Assert.Equal(["server_1"], fleet.Plane.Names);
    }

    [Fact]
    public async Task While_a_deploy_is_under_way_nothing_else_changes_the_size_and_no_other_begins()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 2);
        Begin(fleet, "app:2");
        await UntilAsync(fleet, DeployPhase.Canary);
        const string UnderWay = "a deploy of app:2 is under way (canary): wait for its end, or abort it";
        Assert.Equal(UnderWay, (await fleet.AddAsync(1)).Refusal!.Message);
        Assert.Equal(UnderWay, (await fleet.RemoveAsync(1)).Refusal!.Message);
        DeployAnswer second = await Begin(fleet, "app:3").Settled.WaitAsync(s_patience);
        Assert.Equal((CallRefusalKind.Conflict, UnderWay), (second.Refusal!.Kind, second.Refusal.Message));
    }

    [Fact]
    public async Task The_image_that_serves_is_deployed_again_only_if_that_is_asked_for()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1);
        await PromoteAsync(fleet, "app:2");
        DeployAnswer same = await Begin(fleet, "app:2").Settled.WaitAsync(s_patience);
        Assert.Equal((DeployPhase.Done, "this image serves already: there is nothing to do"), (same.Status!.Phase, same.Status.Now.Why));
        int starts = fleet.Driver.Specs.Count;
        fleet.Manager.Deploy(new DeployOperation("app:2") { IsForced = true, CanaryPercent = 0 });
        await UntilAsync(fleet, DeployPhase.Switched);
        Assert.Equal(starts + 1, fleet.Driver.Specs.Count);
    }

    [Fact]
    public async Task Replicas_that_somebody_else_started_are_not_deployed_to_and_neither_is_a_static_fleet()
    {
        await using var fleet = new FleetFixture(replicas: 0);
        fleet.Driver.Put("web_1", origin: ReplicaOrigin.Adopted);
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(s_patience);
        DeployAnswer refused = await Begin(fleet, "app:2").Settled.WaitAsync(s_patience);
        Assert.Equal(CallRefusalKind.Conflict, refused.Refusal!.Kind);
        Assert.StartsWith("web_1 was not started by the balancer: ", refused.Refusal.Message, StringComparison.Ordinal);

        await using FleetFixture others = await FleetFixture.WithServerAsync("web");
        refused = await Begin(others, "app:2").Settled.WaitAsync(s_patience);
        Assert.Equal(
            "the fleet is fake: its replicas come from the options (Edge:Fleet:Addresses) and cannot be deployed to", refused.Refusal!.Message);
    }

    [Fact]
    public async Task Replicas_that_were_made_like_somebody_elses_follow_them_to_another_image_one_by_one()
    {
        await using var fleet = new FleetFixture(replicas: 0);
        fleet.Driver.Put("web_1", origin: ReplicaOrigin.Adopted);
        fleet.Driver.Put("web_2", origin: ReplicaOrigin.Adopted);
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(s_patience);
        Assert.Null((await fleet.AddAsync(2)).Refusal);
        fleet.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["server_1", "server_2", "web_1", "web_2"], (await fleet.SettleAsync()).Replicas.Select(r => r.Name));

        // One after the other: between them nothing follows.
        var next = new ReplicaImage("app:1", "sha256:2");
        fleet.Driver.Image = next;
        await ReplaceAsync(fleet, "web_1", next);
        fleet.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null((await fleet.SettleAsync()).Deploy);
        await ReplaceAsync(fleet, "web_2", next);
        int before = fleet.Journal.Entries.Count;
        fleet.Time.Advance(FollowedReplicas.Settling);
        await UntilAsync(fleet, DeployPhase.Done);
        Assert.Equal(["server_1", "server_3", "web_1", "web_2"], (await fleet.SettleAsync()).Replicas.Select(r => r.Name));
        Assert.All(fleet.Manager.Snapshot.Replicas, r => Assert.Equal("sha256:2", r.Image!.Id));
        Assert.Equal(
            ["start server_3", "Remove server_1", "start server_1", "Remove server_2"],
            fleet.Journal.Entries.Skip(before)
                .Where(e => e.StartsWith("start ", StringComparison.Ordinal) || e.StartsWith("Remove ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Followers_that_do_not_become_well_leave_the_old_ones_as_they_are_and_are_not_tried_again()
    {
        await using var fleet = new FleetFixture(replicas: 0);
        fleet.Driver.Put("web_1", origin: ReplicaOrigin.Adopted);
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(s_patience);
        Assert.Null((await fleet.AddAsync(1)).Refusal);
        fleet.Driver.OnStart = (name, _) => name == "server_2" ? throw new DriverException(DriverFailure.Failed, "no memory") : Task.CompletedTask;
        fleet.Driver.Image = new ReplicaImage("app:1", "sha256:2");
        await ReplaceAsync(fleet, "web_1", fleet.Driver.Image);
        fleet.Time.Advance(FollowedReplicas.Settling);
        await UntilAsync(fleet, DeployPhase.Reverted);
        Assert.Equal(["server_1", "web_1"], fleet.Plane.Names);
        fleet.Time.Advance(TimeSpan.FromHours(1));
        await fleet.SettleAsync();
        Assert.Single(fleet.Driver.Specs, spec => spec.Name == "server_2");
    }

    // As Compose does it: the new one has the name of the old one.
    private static async Task ReplaceAsync(FleetFixture fleet, string name, ReplicaImage image)
    {
        string unit = fleet.Driver[name].UnitId;
        fleet.Driver.Kill(name, silently: true);
        fleet.Driver.Say(new DriverEvent.StoppedFromOutside(unit, "it was stopped"));
        fleet.Driver.Say(new DriverEvent.Removed(unit, "it was removed"));
        fleet.Driver.Say(new DriverEvent.Started(fleet.Driver.Put(name, origin: ReplicaOrigin.Adopted, image: image)));
        await Backends.Quiet.UntilAsync(
            () => fleet.Manager.Snapshot.Replicas.Any(r => r.Name == name && r.State == ReplicaState.Healthy && r.Image == image), $"{name} is replaced");
        await fleet.SettleAsync();
    }

    [Fact]
    public async Task Where_memory_is_short_replicas_are_replaced_one_by_one_and_never_more_run_than_one_above_the_size()
    {
        await using var fleet = new FleetFixture(s => s with { Deploy = s.Deploy with { Surge = 1, Bake = TimeSpan.Zero } }, replicas: 3);
        int most = 0;
        fleet.Manager.Changed += now => most = Math.Max(most, now.Running.Count);
        fleet.Manager.Start();
        await fleet.Manager.Steady.WaitAsync(s_patience);
        DeployOperation deploy = Begin(fleet, "app:2");
        await UntilAsync(fleet, DeployPhase.Canary);
        fleet.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.True((await deploy.Settled.WaitAsync(s_patience)).Status!.IsPromoted);
        await UntilAsync(fleet, DeployPhase.Done);
        Assert.Equal(4, most);
        Assert.All(fleet.Manager.Snapshot.Replicas.Where(r => r.State == ReplicaState.Healthy), r => Assert.Equal("app:2", r.Image!.Name));
        Assert.Equal(3, fleet.Plane.Names.Length);
        Assert.DoesNotContain("publish ", fleet.Journal.Entries.Skip(fleet.Journal.LastIndex("find app:2")));
    }

    [Fact]
    public async Task An_empty_fleet_gets_its_new_version_without_a_canary()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(replicas: 0);
        DeployOperation deploy = Begin(fleet, "app:2");
        await UntilAsync(fleet, DeployPhase.Switched);
        fleet.Time.Advance(TimeSpan.FromSeconds(30));
        Assert.True((await deploy.Settled.WaitAsync(s_patience)).Status!.IsPromoted);
        Assert.Equal(["server_1"], fleet.Plane.Names);
    }

    [Fact]
    public async Task The_end_of_the_balancer_answers_who_waits_for_a_deploy()
    {
        DeployOperation deploy;
        await using (FleetFixture fleet = await FleetFixture.StartAsync(replicas: 1))
        {
            deploy = Begin(fleet, "app:2");
            await UntilAsync(fleet, DeployPhase.Canary);
        }

        Assert.Equal("the balancer is shutting down", (await deploy.Settled.WaitAsync(s_patience)).Refusal!.Message);
    }

    private static DeployOperation Begin(FleetFixture fleet, string image)
    {
        var operation = new DeployOperation(image);
        fleet.Manager.Deploy(operation);
        return operation;
    }

    private static async Task PromoteAsync(FleetFixture fleet, string image)
    {
        DeployOperation deploy = Begin(fleet, image);
        await UntilAsync(fleet, DeployPhase.Canary);
        fleet.Time.Advance(TimeSpan.FromMinutes(1));
        await UntilAsync(fleet, DeployPhase.Switched);
        fleet.Time.Advance(TimeSpan.FromSeconds(30));
        await deploy.Settled.WaitAsync(s_patience);
        await UntilAsync(fleet, DeployPhase.Done);
    }

    private static Task<DeployAnswer> CommandAsync(FleetFixture fleet, DeployCommand command) => fleet.Manager.DeployAsync(command).WaitAsync(s_patience);

    private static Task UntilAsync(FleetFixture fleet, DeployPhase phase) =>
        Backends.Quiet.UntilAsync(() => fleet.Manager.Snapshot.Deploy?.Phase == phase, $"the deploy is {phase}");

    private static string[] Names(ReplicaTable table) => [.. table.Replicas.ToArray().Select(r => r.Name)];
}
