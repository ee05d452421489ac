using System.Globalization;
using System.Text.Json;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>
/// What a person does to containers, by chance and by the hundred, beside a running balancer. Nothing that the balancer has not made is gone but
/// by the person's own hand, and in the end everything is as the person left it.
/// </summary>
[Collection(nameof(WithDocker))]
public class PersonTests(Engine engine)
{
    private const int ContainersAtMost = 6;

    // A pause between starts grows with each death; one that is killed again and again would be waited for too long.
    private const int KillsAtMost = 3;

    private readonly List<Container> _containers = [];
    private readonly List<string> _volumes = [];
    private readonly List<string> _done = [];
    private ComposeProject _project = null!;
    private Random _random = null!;
    private int _made;
    private int _web = 2;
    private string _image = Engine.App;

    [Fact]
    public async Task After_a_persons_commands_nothing_else_is_gone_and_each_container_is_as_the_person_left_it()
    {
        int operations = Number("EDGE_PERSON_OPERATIONS") ?? 100;
        int seed = Number("EDGE_PERSON_SEED") ?? Random.Shared.Next(1_000_000);
        TestContext.Current.TestOutputHelper!.WriteLine($"seed {seed}, {operations} operations (EDGE_PERSON_SEED, EDGE_PERSON_OPERATIONS)");
        _random = new Random(seed);
        await using ComposeProject project = await ComposeProject.UpAsync(engine, 2, isInside: false, _web);
        _project = project;
        try
        {
            for (int i = 0; i < operations; i++)
            {
                await OnceAsync();
                if (i % 25 == 24)
                {
                    await NothingIsGoneAsync();
                }
            }

            await NothingIsGoneAsync();
            await AllIsAsItWasLeftAsync();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException(
                $"{e.Message}\nseed {seed}; the last of {_done.Count}: {string.Join(", ", _done.TakeLast(12))}\n{await project.OutputAsync()}", e);
        }
        finally
        {
            await RemoveAllAsync();
        }
    }

    /// <summary>A container of the person's.</summary>
    private sealed class Container
    {
        internal required string Id { get; init; }

        internal required string Name { get; set; }

        internal required string Volume { get; init; }

        /// <summary>Whether it carries the fleet's label; else only its name makes it a replica.</summary>
        internal required bool IsLabelled { get; init; }

        /// <summary>Whether the person wants it to run.</summary>
        internal bool IsToRun { get; set; } = true;

        internal bool IsPaused { get; set; }

        internal bool IsOnNetwork { get; set; } = true;

        internal int Kills { get; set; }

        public override string ToString() => Name;
    }

    private async Task OnceAsync()
    {
        int what = _random.Next(100);
        if (what < 4)
        {
            await ComposeAsync();
        }
        else if (what < 5)
        {
            Done("engine restart");
            await engine.Own().StopAsync(_random.Next(2) == 0 ? "TERM" : "KILL");
            await engine.Own().StartAsync(engine.Docker);
        }
        else if (_containers.Count == 0 || (what < 20 && _containers.Count < ContainersAtMost))
        {
            await RunOneAsync();
        }
        else
        {
            await ChangeAsync(_containers[_random.Next(_containers.Count)]);
        }
    }

    private async Task ComposeAsync()
    {
        string[] command;
        switch (_random.Next(4))
        {
            case 0:
                _image = _image == Engine.App ? Engine.NextApp : Engine.App;
                command = ["up", "--detach", "--scale", $"web={_web = Math.Max(_web, 1)}"];
                break;
            case 1:
                command = ["up", "--detach", "--scale", $"web={_web = _random.Next(1, 4)}"];
                break;
            case 2:
                command = ["up", "--detach", "--force-recreate", "--no-deps", "--scale", $"web={_web = Math.Max(_web, 1)}", "web"];
                break;
            default:
                command = ["rm", "--stop", "--force", "web"];
                _web = 0;
                break;
        }

        Done($"compose {string.Join(' ', command)}");
        await _project.RunAsync(_image, command);
    }

    private async Task RunOneAsync()
    {
        bool isLabelled = _random.Next(4) > 0;
        string name = $"{(isLabelled ? _project.Name : "server")}_{++_made}";
        Done($"run {name}");
        string[] label = isLabelled ? ["--label", $"edge.fleet={_project.Name}"] : [];
        string id = await engine.Docker.RunAsync(
            ["run", "--detach", "--name", name, "--network", _project.Network, .. label, "--env", "DATA=/data", "--volume", "/data", Engine.App]);
        string volume = (await InspectAsync(id)).GetProperty("Mounts")[0].GetProperty("Name").GetString()!;
        _volumes.Add(volume);
        _containers.Add(new Container { Id = id, Name = name, Volume = volume, IsLabelled = isLabelled });
    }

    private async Task ChangeAsync(Container container)
    {
        bool runs = container is { IsToRun: true, IsPaused: false };
        switch (_random.Next(9))
        {
            case 0 when runs:
                await DoAsync("stop", container.Id);
                container.IsToRun = false;
                break;
            case 1 or 2 when !container.IsToRun:
                await DoAsync("start", container.Id);
                container.IsToRun = true;
                break;
            case 3 when runs && container.Kills < KillsAtMost:
                await KillAsync(container);
                break;
            case 4 when runs:
                await DoAsync("pause", container.Id);
                container.IsPaused = true;
                break;
            case 5 or 6 when container.IsPaused:
                await DoAsync("unpause", container.Id);
                container.IsPaused = false;
                break;
            case 7:
                container.Name = $"{(container.IsLabelled ? _project.Name : "server")}_{++_made}";
                await DoAsync("rename", container.Id, container.Name);
                break;
            case 8 when container.IsOnNetwork && runs:
                await DoAsync("network", "disconnect", _project.Network, container.Id);
                container.IsOnNetwork = false;
                break;
            case 8 when runs:
                await DoAsync("network", "connect", _project.Network, container.Id);
                container.IsOnNetwork = true;
                break;
            case 2 when _random.Next(3) == 0:
                await DoAsync("rm", "--force", container.Id);
                _containers.Remove(container);
                break;
        }
    }

    /// <summary>What is started again by the balancer is waited for, so that the next operation finds it as the person expects it.</summary>
    private async Task KillAsync(Container container)
    {
        string before = Text(await StateAsync(container), "StartedAt");
        await DoAsync("kill", container.Id);
        container.Kills++;
        if (container is { IsLabelled: true, IsOnNetwork: true })
        {
            await Quiet.UntilAsync(
                async () => await StateAsync(container) is var state && Text(state, "StartedAt") != before && state.GetProperty("Running").GetBoolean(),
                $"{container} is started again",
                TimeSpan.FromSeconds(60));
        }
        else
        {
            container.IsToRun = false;
        }
    }

    private async Task NothingIsGoneAsync()
    {
        string[] there = await engine.Docker.LinesAsync("ps", "--all", "--no-trunc", "--quiet");
        Assert.All(_containers, container => Assert.Contains(container.Id, there));
        Assert.Empty(_volumes.Except(await engine.Docker.LinesAsync("volume", "ls", "--quiet")));
    }

    private async Task AllIsAsItWasLeftAsync()
    {
        foreach (Container container in _containers)
        {
            string expected = container.IsPaused ? "paused" : container.IsToRun ? "running" : "exited";
            await Quiet.UntilAsync(async () => Text(await StateAsync(container), "Status") == expected, $"{container} is {expected}", TimeSpan.FromSeconds(40));
            await Quiet.UntilAsync(
                async () => IsAsShown(container, await _project.StateAsync(container.Name)),
                $"{container} ({Tell(container)}) is shown as it is", TimeSpan.FromSeconds(60));
        }

        Assert.Equal(Enumerable.Repeat($"{_image} running", _web), await _project.WebAsync());
        int healthy = _containers.Count(c => c is { IsToRun: true, IsPaused: false, IsOnNetwork: true }) + _web;
        await _project.InRotationAsync(healthy);
    }

    // One that was let go of while it was elsewhere, and does not run, is no member until it does.
    private static bool IsAsShown(Container container, string? state) => container switch
    {
        { IsToRun: true, IsPaused: false, IsOnNetwork: true } => state == "healthy",
        { IsToRun: true, IsPaused: false } => state is null,
        { IsLabelled: true } => state is "stopped" or null,
        _ => state is null,
    };

    private static string Tell(Container c) => $"to run {c.IsToRun}, paused {c.IsPaused}, on the network {c.IsOnNetwork}, labelled {c.IsLabelled}";

    private async Task RemoveAllAsync()
    {
        if (_containers.Count > 0)
        {
            await engine.Docker.RunAsync(["rm", "--force", "--volumes", .. _containers.Select(c => c.Id)]);
        }

        // A person's removal leaves them; those of the last containers went with these.
        string[] left = [.. _volumes.Intersect(await engine.Docker.LinesAsync("volume", "ls", "--quiet"))];
        if (left.Length > 0)
        {
            await engine.Docker.RunAsync(["volume", "rm", .. left]);
        }
    }

    private async Task DoAsync(params string[] command)
    {
        Done(string.Join(' ', command.Select(word => _containers.FirstOrDefault(c => c.Id == word)?.Name ?? word)));
        await engine.Docker.RunAsync(command);
    }

    private void Done(string what) => _done.Add(what);

    private Task<JsonElement> InspectAsync(string id) => engine.Docker.InspectAsync(id);

    private async Task<JsonElement> StateAsync(Container container) => (await InspectAsync(container.Id)).GetProperty("State");

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;
}
