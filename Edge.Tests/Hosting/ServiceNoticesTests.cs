using System.Diagnostics;
using System.Globalization;
using Edge.Fleet;
using Edge.Hosting;
using Edge.Io;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Hosting;

public sealed class ServiceNoticesTests : IDisposable
{
    private readonly NotifyListener _manager = new();
    private readonly NotifySocket _socket;
    private readonly StringWriter _log = new();
    private readonly ServiceNotices _notices;
    private FleetSnapshot _fleet = FleetSnapshot.Empty;

    public ServiceNoticesTests()
    {
        _socket = NotifySocket.Open(_manager.Name);
        _notices = new ServiceNotices(_socket, () => _fleet, new Log(_log, TimeProvider.System));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _manager.Dispose();
    }

    [Fact]
    public async Task A_service_says_in_turn_that_it_serves_reads_its_options_and_ends()
    {
        _fleet = Fleet(healthy: 2, others: 1);
        _notices.Ready();
        Assert.Equal(["READY=1", "STATUS=2 of 3 replicas in rotation"], await _manager.NextAsync());
        long before = Microseconds();
        _notices.Reloading();
        string[] reloading = await _manager.NextAsync();
        Assert.Equal("RELOADING=1", reloading[0]);
        Assert.InRange(long.Parse(reloading[1]["MONOTONIC_USEC=".Length..], CultureInfo.InvariantCulture), before, Microseconds());
        _notices.Reloaded(null);
        Assert.Equal("READY=1", (await _manager.NextAsync())[0]);
        _notices.Stopping(TimeSpan.FromSeconds(30));
        Assert.Equal(["STOPPING=1", "STATUS=Finishing the requests in flight", "EXTEND_TIMEOUT_USEC=35000000"], await _manager.NextAsync());

        // What would say that it serves after all.
        _notices.Reloading();
        _notices.Reloaded(null);
        _notices.Look();
        _notices.Stopping(TimeSpan.Zero);
        Assert.Equal("STOPPING=1", (await _manager.NextAsync())[0]);
        Assert.Equal("", _log.ToString());
    }

    [Fact]
    public async Task Before_it_serves_a_signal_to_reload_does_not_say_that_it_does()
    {
        _notices.Reloading();
        _notices.Reloaded(null);
        _notices.Ready();
        Assert.Equal(["READY=1", "STATUS=Serving; it is not known yet which replicas there are"], await _manager.NextAsync());
    }

    [Fact]
    public async Task A_change_of_the_fleet_is_said_once_and_what_says_the_same_is_not()
    {
        _fleet = Fleet(healthy: 3, others: 0);
        _notices.Ready();
        Assert.Equal("STATUS=3 of 3 replicas in rotation", (await _manager.NextAsync())[1]);
        _notices.Look();
        _fleet = Fleet(healthy: 2, others: 1);
        _notices.Look();
        Assert.Equal(["STATUS=2 of 3 replicas in rotation"], await _manager.NextAsync());
        _fleet = Fleet(healthy: 2, others: 1) with { Blindness = "the engine is\nREADY=0" };
        _notices.Look();
        Assert.Equal(["STATUS=2 of 3 replicas in rotation; the engine is READY=0"], await _manager.NextAsync());
        _fleet = Fleet(healthy: 2, others: 1) with { Blindness = new string('x', 5000) };
        _notices.Look();
        Assert.InRange(Assert.Single(await _manager.NextAsync()).Length, 300, 400);
    }

    [Fact]
    public async Task What_a_reload_and_a_takeover_came_to_is_part_of_the_sentence_until_the_next_try()
    {
        _fleet = Fleet(healthy: 1, others: 0);
        _notices.Ready();
        await _manager.NextAsync();
        _notices.Reloading();
        await _manager.NextAsync();
        _notices.Reloaded("Edge:Loops is \"many\"");
        Assert.Equal(["READY=1", "STATUS=1 of 1 replicas in rotation; the last reload was refused, see the log"], await _manager.NextAsync());
        _notices.Succession("it ended with 64");
        Assert.Equal(
            ["STATUS=1 of 1 replicas in rotation; the last reload was refused, see the log; the last takeover failed: it ended with 64"],
                await _manager.NextAsync());
        _notices.Reloaded(null);
        Assert.Equal(["READY=1", "STATUS=1 of 1 replicas in rotation; the last takeover failed: it ended with 64"], await _manager.NextAsync());
        _notices.Succession(null);
        Assert.Equal(["STATUS=1 of 1 replicas in rotation"], await _manager.NextAsync());
    }

    [Fact]
    public async Task Who_hands_over_names_the_next_process_and_says_nothing_more()
    {
        _notices.Ready();
        await _manager.NextAsync();
        _notices.HandOver(4711);
        Assert.Equal(["MAINPID=4711"], await _manager.NextAsync());
        _notices.Reloading();
        _notices.Reloaded(null);
        Assert.True(_manager.IsSilent);
    }

    [Fact]
    public void A_message_that_cannot_be_sent_is_a_warning()
    {
        _manager.Dispose();
        _notices.Ready();
        Assert.Contains($"warning notify_failed message=\"READY=1\" socket={_manager.Name} why=", _log.ToString());
    }

    [Fact]
    public void Without_a_manager_nothing_is_said_and_nothing_fails()
    {
        var alone = new ServiceNotices(null, () => throw new InvalidOperationException("nobody asks"), new Log(_log, TimeProvider.System));
        alone.Reloading();
        alone.Reloaded(null);
        alone.Look();
        alone.Stopping(TimeSpan.Zero);
        Assert.Equal("", _log.ToString());
    }

    private static long Microseconds() => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000);

    private static FleetSnapshot Fleet(int healthy, int others)
    {
        ReplicaState[] states = [.. Enumerable.Repeat(ReplicaState.Healthy, healthy), .. Enumerable.Repeat(ReplicaState.Unhealthy, others)];
        var none = new PastFigures(default, new AnswerTable());
        ReplicaSnapshot[] replicas = [.. states.Select((state, i) => new ReplicaSnapshot($"server_{i}", null, state, "", default, 1, 0, false, null, none))];
        return new FleetSnapshot([], replicas, null) { IsKnown = true };
    }
}
