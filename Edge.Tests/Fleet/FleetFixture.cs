using System.Globalization;
using Edge.Config;
using Edge.Fleet;
using Edge.Telemetry;

namespace Edge.Tests.Fleet;

/// <summary>A fleet manager over fakes.</summary>
internal sealed class FleetFixture : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // How many planned starts of each kind a test has waited for.
    private readonly Dictionary<string, int> _plannedBefore = [];

    internal FleetFixture(int replicas = 3, int minimum = 0, int maximum = 10, bool owned = true)
        : this(s => s, replicas, minimum, maximum, owned)
    {
    }

    internal FleetFixture(Func<ServiceOptions, ServiceOptions> change, int replicas = 3, int minimum = 0, int maximum = 10, bool owned = true)
    {
        Time = new FakeTime(Journal);
        Driver = new FakeDriver(Journal) { Owned = owned };
        Plane = new FakePlane(Journal);
        Health = new FakeHealth(Journal, Driver);
        var options = new ServiceOptions
        {
            Fleet = new() { Replicas = replicas, Minimum = minimum, Maximum = maximum },
            // Other than all others, so that the journal tells this timer from theirs.
            Timeouts = new() { Drain = TimeSpan.FromSeconds(31) },
        };
        Manager = new FleetManager(Driver, Plane, Health.WatchAsync, change(options), Time, new Random(1), new Log(LogText, Time));
    }

    internal Journal Journal { get; } = new();

    internal FakeTime Time { get; }

    internal FakeDriver Driver { get; }

    internal FakePlane Plane { get; }

    internal FakeHealth Health { get; }

    internal FleetManager Manager { get; }

    internal LogLines LogText { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await Manager.DisposeAsync();
        Assert.True(Manager.Completion.IsCompletedSuccessfully, Manager.Completion.Exception?.ToString());
    }

    /// <summary>A fleet whose first replicas are in rotation.</summary>
    internal static async Task<FleetFixture> StartAsync(int replicas = 3, int minimum = 0, int maximum = 10, bool owned = true)
    {
        var fixture = new FleetFixture(replicas, minimum, maximum, owned);
        fixture.Manager.Start();
        await fixture.Manager.Steady.WaitAsync(Patience);
        return fixture;
    }

    /// <summary>A fleet of somebody else's, of one server that is in rotation.</summary>
    internal static async Task<FleetFixture> WithServerAsync(string name)
    {
        var fixture = new FleetFixture(owned: false);
        fixture.Driver.Put(name, 1, ReplicaOrigin.Listed);
        fixture.Manager.Start();
        await fixture.Manager.Steady.WaitAsync(Patience);
        return fixture;
    }

    internal Task<FleetAnswer> AddAsync(int n, params string[] names) => Manager.AddAsync(n, names, 1).WaitAsync(Patience);

    internal Task<FleetAnswer> RemoveAsync(int n, params string[] names) => Manager.RemoveAsync(n, names).WaitAsync(Patience);

    /// <summary>Returns when everything that was posted before is applied, and what the fleet is then.</summary>
    internal async Task<FleetSnapshot> SettleAsync()
    {
        await RemoveAsync(1, "nobody");
        return Manager.Snapshot;
    }

    /// <summary>Waits until the fleet is as it should be, and returns it.</summary>
    internal async Task<FleetSnapshot> UntilAsync(Func<FleetSnapshot, bool> isSo)
    {
        var found = new TaskCompletionSource<FleetSnapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(FleetSnapshot now)
        {
            if (isSo(now))
            {
                found.TrySetResult(now);
            }
        }

        Manager.Changed += Look;
        Look(Manager.Snapshot);
        try
        {
            return await found.Task.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"it never was so: {Manager.Snapshot.Scale}\n{string.Join('\n', Manager.Snapshot.Replicas)}\n{LogText}");
            throw;
        }
        finally
        {
            Manager.Changed -= Look;
        }
    }

    /// <summary>Lets time pass, and has the load looked at once a second; until the fleet is asleep, when nothing is looked at any more.</summary>
    internal async Task PassAsync(int seconds)
    {
        for (int second = 0; second < seconds && Manager.Snapshot.Scale.State != ScaleState.Asleep; second++)
        {
            int looks = Count("load");
            await Journal.WaitAsync("timer 1", looks + 1);
            Time.Advance(FleetSizing.Interval);
            await Journal.WaitAsync("load", looks + 1);

            // The next look is planned when this one has been applied.
            while (Count("timer 1") < looks + 2 && Manager.Snapshot.Scale.State != ScaleState.Asleep)
            {
                await SettleAsync();
            }

            await SettleAsync();
        }

        int Count(string entry) => Journal.Entries.Count(e => e == entry);
    }

    /// <summary>Waits until the next start of a replica is planned, each call for one more; returns the pause before it, in seconds.</summary>
    internal async Task<double> RespawnPlannedAsync(int times = 1)
    {
        string planned = times >= Backoff.CrashLoop ? "replica_crash_loop" : "replica_respawn";
        int occurrence = _plannedBefore[planned] = _plannedBefore.GetValueOrDefault(planned) + 1;
        string line = await LogText.WaitAsync(planned, occurrence);
        string seconds = line.Split("again_in_seconds=")[1].Split(' ')[0];
        double pause = double.Parse(seconds, CultureInfo.InvariantCulture);
        Assert.InRange(pause, 0, Backoff.Bound(times).TotalSeconds);

        // A delay is cut to whole milliseconds.
        double timer = Math.Floor(pause * 1000) / 1000;
        await Journal.WaitAsync(string.Create(CultureInfo.InvariantCulture, $"timer {timer:0.###}"));
        return pause;
    }

    internal async Task<ReplicaSnapshot> SettleAsync(string name) => (await SettleAsync()).Replicas.Single(r => r.Name == name);
}
