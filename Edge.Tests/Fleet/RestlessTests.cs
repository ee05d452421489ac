using System.Collections.Concurrent;
using System.Diagnostics;
using Edge.Config;
using Edge.Fleet;
using Edge.Routing;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Fleet;

/// <summary>Events come at random and in any order. The manager goes on, gives no slot twice, and agrees in the end with what runs.</summary>
public sealed class RestlessTests
{
    private const int Steps = 400;

    // Longer than any pause that the fleet makes.
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(2);

    public static TheoryData<int> Seeds =>
        Environment.GetEnvironmentVariable("EDGE_RESTLESS_SEEDS") is { Length: > 0 } seeds
            ? [.. seeds.Split(',').Select(s => int.Parse(s, null))]
            : [.. Enumerable.Range(1, 40)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task When_nothing_changes_any_more_the_fleet_agrees_with_what_runs(int seed)
    {
        var random = new Random(seed);
        var time = new FakeTime(new Journal());
        var world = new RestlessWorld(new Random(seed));
        var plane = new SlowPlane();
        var log = new StringWriter();
        var options = new ServiceOptions { Fleet = new() { Replicas = 2, Maximum = 30 }, Health = new() { Restart = seed % 2 == 0 } };
        await using var manager = new FleetManager(world, plane, world.WatchHealthAsync, options, time, new Random(seed), new Log(log, time));
        manager.Start();
        var calls = new List<Task<FleetAnswer>>();
        for (int step = 0; step < Steps; step++)
        {
            switch (random.Next(8))
            {
                case 0:
                    time.Advance(TimeSpan.FromSeconds(random.Next(15)));
                    break;
                case 1 when random.Next(4) == 0:
                    calls.Add(random.Next(2) == 0 ? manager.AddAsync(random.Next(1, 3), [], 1) : manager.RemoveAsync(random.Next(1, 3), []));
                    break;
                case 2 when plane.Table.Replicas is [var first, ..]:
                    manager.Eject(first);
                    break;
                case 3 or 4:
                    world.GoOn();
                    break;
                case 5:
                    plane.GoOn(random);
                    break;
                default:
                    world.Happen();
                    break;
            }

            await YieldAsync(random.Next(4));
            await GoesOnAsync(manager, true, "", log);
        }

        world.CalmDown();
        plane.CalmDown();
        string state = "";
        var since = Stopwatch.StartNew();
        while (!IsQuiet(manager, world, plane, calls, ref state))
        {
            await GoesOnAsync(manager, since.Elapsed < TimeSpan.FromSeconds(20), state, log);
            time.Advance(s_long);
            world.PassAll();
            await YieldAsync(20);

            // Not before all of that is applied: it has to keep up.
            await manager.RemoveAsync(1, ["nobody"]);
            await GoesOnAsync(manager, true, "", log);
        }
    }

    private static async Task GoesOnAsync(FleetManager manager, bool isSo, string state, StringWriter log)
    {
        if (!isSo || manager.Completion.IsCompleted)
        {
            // Nobody writes to the log any more.
            await manager.DisposeAsync();
            Assert.Fail($"{manager.Completion.Exception}{state}\n{log}");
        }
    }

    // Some time for the pool's threads, or none.
    private static async Task YieldAsync(int times)
    {
        for (int i = 0; i < times; i++)
        {
            await Task.Run(() => { });
        }
    }

    private static bool IsQuiet(FleetManager manager, RestlessWorld world, SlowPlane plane, List<Task<FleetAnswer>> calls, ref string state)
    {
        ReplicaSnapshot[] members = [.. manager.Snapshot.Replicas];
        string[] shown = [.. members.Where(r => r.State == ReplicaState.Healthy).Select(r => r.Observed!.Id).Order()];
        string[] routed = [.. plane.Table.Replicas.ToArray().Select(r => r.Slot.ToString()).Order()];
        string[] held = [.. plane.Held.Keys.Select(s => s.ToString()).Order()];
        int open = calls.Count(c => !c.IsCompleted);
        state = $"runs {string.Join(' ', world.Running)}; shown {string.Join(' ', shown)}; watched {string.Join(' ', world.Watched)}; "
            + $"routed {string.Join(' ', routed)}; held {string.Join(' ', held)}; "
            + $"members {string.Join(' ', members.Select(m => $"{m.Name}:{m.State}"))}; open calls {open}";
        return open == 0 && world.Running.SequenceEqual(shown) && world.Watched.SequenceEqual(shown)
            && routed.SequenceEqual(held) && routed.Length == shown.Length
            && members.All(m => m.State is ReplicaState.Healthy or ReplicaState.Stopped);
    }

    /// <summary>A data plane whose releases take their time, and which allows no slot to two replicas at once.</summary>
    private sealed class SlowPlane : IDataPlane
    {
        private readonly Lock _lock = new();
        private readonly List<TaskCompletionSource> _underWay = [];
        private ReplicaTable _table = ReplicaTable.Empty;
        private bool _isCalm;

        public int Loops => 1;

        public SlotAllocator Slots { get; } = new();

        internal ReplicaTable Table => Volatile.Read(ref _table);

        /// <summary>Slots of replicas that have been in a table, and were not let go of yet.</summary>
        internal ConcurrentDictionary<int, Replica> Held { get; } = new();

        public void Publish(ReplicaTable table)
        {
            foreach (Replica replica in table.Replicas)
            {
                Assert.Same(replica, Held.GetOrAdd(replica.Slot, replica));
            }

            Volatile.Write(ref _table, table);
        }

        public void Relieve(Replica replica) => Assert.DoesNotContain(replica, Table.Replicas.ToArray());

        public Task<LoadFigures?> LoadAsync() => Task.FromResult<LoadFigures?>(null);

        public async Task<ClientView> ObserveAsync(Func<Task> happening)
        {
            await happening();
            return default;
        }

        public async Task<DrainReport> ReleaseAsync(Replica replica, TimeSpan timeout, bool isLost = false)
        {
            Assert.DoesNotContain(replica, Table.Replicas.ToArray());
            var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                if (_isCalm)
                {
                    end.SetResult();
                }
                else
                {
                    _underWay.Add(end);
                }
            }

            await end.Task;
            Assert.DoesNotContain(replica, Table.Replicas.ToArray());
            Held.TryRemove(new(replica.Slot, replica));
            return default;
        }

        internal void GoOn(Random random)
        {
            TaskCompletionSource? due = null;
            lock (_lock)
            {
                if (_underWay.Count > 0)
                {
                    due = _underWay[random.Next(_underWay.Count)];
                    _underWay.Remove(due);
                }
            }

            due?.SetResult();
        }

        internal void CalmDown()
        {
            List<TaskCompletionSource> due;
            lock (_lock)
            {
                _isCalm = true;
                due = [.. _underWay];
                _underWay.Clear();
            }

            due.ForEach(d => d.SetResult());
        }
    }
}
