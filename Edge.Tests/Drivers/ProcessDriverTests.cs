using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using Edge.Drivers;
using Edge.Fleet;

namespace Edge.Tests.Drivers;

/// <summary>The children are shell scripts that keep the same rules as a replica: a line when ready, an end with their input.</summary>
public sealed class ProcessDriverTests : IAsyncDisposable
{
    private const string WellBehaved = "echo starting >&2; echo listening 127.0.0.1:41234; cat > /dev/null";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private ProcessDriver? _driver;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_driver is not null)
        {
            await _driver.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_child_is_ready_when_it_says_where_it_listens()
    {
        ProcessDriver driver = Driver(WellBehaved);
        ObservedReplica replica = await driver.StartAsync(new ReplicaSpec("server_3", 2), Cancellation);
        Assert.Equal(("server_3", 2, new IPEndPoint(IPAddress.Loopback, 41234)), (replica.Name, replica.Weight, replica.Address));
        Assert.Equal([replica], (await driver.ListAsync(Cancellation)).Running);
        Assert.Equal("server_3: starting", await _lines.Reader.ReadAsync(Cancellation));
    }

    [Theory]
    [InlineData("server_12", "12")]
    [InlineData("server_", "server_")]
    [InlineData("cache", "cache")]
    public async Task A_child_is_told_who_it_is(string name, string id)
    {
        ProcessDriver driver = Driver("""echo "id $SERVER_ID args $*"; echo listening 127.0.0.1:1; cat > /dev/null""");
        await driver.StartAsync(new ReplicaSpec(name, 1), Cancellation);
        Assert.Equal($"{name}: id {id} args replica --listen 127.0.0.1:0 --id {id} --end-with-stdin", await _lines.Reader.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task A_stop_ends_the_child_and_is_told_as_its_end()
    {
        ProcessDriver driver = Driver(WellBehaved);
        ObservedReplica replica = await driver.StartAsync(new ReplicaSpec("a", 1), Cancellation);
        await driver.StopAsync(replica.UnitId, StopKind.Remove, "the test says so", Cancellation);
        Assert.Empty((await driver.ListAsync(Cancellation)).Running);
        Assert.False(Lives(replica));
        Assert.Equal(new DriverEvent.Died(replica.Id, "a", "exit code 0"), await NextEventAsync(driver));
        await driver.StopAsync(replica.UnitId, StopKind.Remove, "the test says so", Cancellation);
    }

    [Fact]
    public async Task A_child_that_will_not_end_is_killed_after_the_grace()
    {
        ProcessDriver driver = Driver("echo listening 127.0.0.1:1; exec sleep 1000", TimeSpan.FromMilliseconds(50));
        ObservedReplica replica = await driver.StartAsync(new ReplicaSpec("a", 1), Cancellation);
        await driver.StopAsync(replica.UnitId, StopKind.Remove, "the test says so", Cancellation).WaitAsync(Patience, Cancellation);
        Assert.False(Lives(replica));
        Assert.Equal(new DriverEvent.Died(replica.Id, "a", "exit code 137 (signal 9)"), await NextEventAsync(driver));
    }

    [Fact]
    public async Task A_child_that_ends_by_itself_is_told_with_its_code()
    {
        ProcessDriver driver = Driver("echo listening 127.0.0.1:1; exit 7");
        ObservedReplica replica = await driver.StartAsync(new ReplicaSpec("a", 1), Cancellation);
        Assert.Equal(new DriverEvent.Died(replica.Id, "a", "exit code 7"), await NextEventAsync(driver));
        Assert.Empty((await driver.ListAsync(Cancellation)).Running);
        Assert.NotEqual(replica.Id, (await driver.StartAsync(new ReplicaSpec("a", 1), Cancellation)).Id);
    }

    [Fact]
    public async Task A_child_that_ends_before_it_listens_is_quoted()
    {
        ProcessDriver driver = Driver("echo no port >&2; exit 3");
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => driver.StartAsync(new ReplicaSpec("a", 1), Cancellation));
        Assert.Equal("it ended before it listened, with exit code 3: no port", failed.Message);
        Assert.Equal(DriverFailure.Failed, failed.Kind);
        Assert.Empty((await driver.ListAsync(Cancellation)).Running);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_a_failure()
    {
        _driver = new ProcessDriver(new ReplicaProgram("/nowhere/edge", []), () => Patience, TimeProvider.System, (_, _) => { });
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => _driver.StartAsync(new ReplicaSpec("a", 1), Cancellation));
        Assert.StartsWith("/nowhere/edge cannot be run:", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_runs_once()
    {
        ProcessDriver driver = Driver(WellBehaved);
        await driver.StartAsync(new ReplicaSpec("a", 1), Cancellation);
        DriverException failed = await Assert.ThrowsAsync<DriverException>(() => driver.StartAsync(new ReplicaSpec("a", 1), Cancellation));
        Assert.Equal(DriverFailure.NameTaken, failed.Kind);
    }

    [Fact]
    public async Task A_start_that_is_called_off_leaves_nothing()
    {
        ProcessDriver driver = Driver("echo $$; exec sleep 1000");
        using var off = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task<ObservedReplica> starting = driver.StartAsync(new ReplicaSpec("a", 1), off.Token);
        string pid = (await _lines.Reader.ReadAsync(Cancellation))["a: ".Length..];
        await off.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => starting);
        Assert.False(Directory.Exists($"/proc/{pid}"));
        Assert.Empty((await driver.ListAsync(Cancellation)).Running);
    }

    [Fact]
    public async Task A_child_that_says_much_does_not_block()
    {
        ProcessDriver driver = Driver("echo listening 127.0.0.1:1; i=0; while [ $i -lt 5000 ]; do echo 'a line of some length on each of the streams'; "
            + "echo another >&2; i=$((i+1)); done; echo end; cat > /dev/null");
        await driver.StartAsync(new ReplicaSpec("a", 1), Cancellation);
        while (await _lines.Reader.ReadAsync(Cancellation).AsTask().WaitAsync(Patience, Cancellation) != "a: end")
        {
            // Each line is read; that the last one comes is the point.
        }
    }

    [Fact]
    public async Task All_children_end_with_the_driver()
    {
        ProcessDriver driver = Driver(WellBehaved);
        ObservedReplica[] replicas = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => driver.StartAsync(new ReplicaSpec($"a{i}", 1), Cancellation)));
        await driver.DisposeAsync();
        Assert.All(replicas, r => Assert.False(Lives(r)));
    }

    private static bool Lives(ObservedReplica replica)
    {
        int pid = int.Parse(replica.Id.Split('-')[0]);
        return Process.GetProcesses().Any(p => p.Id == pid);
    }

    private static async Task<DriverEvent> NextEventAsync(ProcessDriver driver)
    {
        await foreach (DriverEvent happened in driver.WatchAsync(Cancellation))
        {
            if (happened is not DriverEvent.Watching)
            {
                return happened;
            }
        }

        throw new InvalidOperationException("The events ended.");
    }

    private ProcessDriver Driver(string script, TimeSpan? grace = null) => _driver = new ProcessDriver(
        new ReplicaProgram("/bin/sh", ["-c", script, "sh"]),
        () => grace ?? Patience,
        TimeProvider.System,
        (name, line) => _lines.Writer.TryWrite($"{name}: {line}"));
}
