namespace Edge.Tests.Rules;

/// <summary>What breaks a rule and may. A test fails for an exception that is not needed any more, and for a number that is larger than it has to be.</summary>
internal static class Exceptions
{
    /// <summary>By folders and type: "Folder → Folder.Type".</summary>
    internal static readonly Exempt[] References =
    [
        new("Control/Events → Control/Api.ContractJson", "the events are written by the API as yet"),
        new("Fleet/Calls → Fleet/Lifecycle.DriverSync", "calls, and what carries them out, are one circle as yet"),
        new("Fleet/Calls → Fleet.FleetManager", "calls, and what carries them out, are one circle as yet"),
        new("Fleet/Calls → Fleet/Lifecycle.FleetMessage", "calls, and what carries them out, are one circle as yet"),
        new("Fleet/Health → Fleet/Lifecycle.TablePublisher", "what ejects a replica changes the fleet itself"),
        new("Fleet/Health → Fleet/Lifecycle.Membership", "what ejects a replica changes the fleet itself"),
        new("Fleet/Health → Fleet/Lifecycle.FleetTasks", "what ejects a replica changes the fleet itself"),
        new("Fleet/Health → Fleet/Lifecycle.FleetMessage", "what ejects a replica changes the fleet itself"),
        new("Fleet/Model → Fleet/Calls.AddOperation", "a member points to what is being done with it"),
        new("Fleet/Model → Fleet/Calls.RemoveOperation", "a member points to what is being done with it"),
        new("Fleet/Model → Fleet/Lifecycle.DesiredReplica", "a member points to what is being done with it"),
        new("Fleet/Model → Fleet/Lifecycle.Backoff", "a member points to what is being done with it"),
        new("Io/Loop → Io/Net.Connection", "the loop sends for connections themselves"),
    ];

    /// <summary>By any file of the cycle.</summary>
    internal static readonly Exempt[] Cycles = [];

    internal static readonly Exempt[] Types = [];

    internal static readonly Exempt[] LongFiles = [];

    internal static readonly Exempt[] LongFunctions = [];

    internal static readonly Exempt[] WideLines = [];

    internal static readonly Exempt[] Unsafe = [];

    internal static readonly Exempt[] UnboundedChannels =
    [
        new("Edge/Fleet/FleetManager.cs", "what it gets are calls that wait for their answers, and a few messages for each replica; none is lost"),
        new("Edge/Drivers/Docker/DockerWatch.cs", "the engine says a few things about each container, and none is lost"),
        new("Edge/Drivers/Process/ProcessDriver.cs", "one event for each child process that ended"),
    ];

    /// <summary>Types that the glossary names before they are there.</summary>
    internal static readonly Exempt[] Glossary = [];

    /// <summary>Files of the tests in which Task.Delay is no guess at how long something else takes.</summary>
    internal static readonly Exempt[] Delays =
    [
        new("Edge.Tests/Backends/Quiet.cs", "polls for things that raise no event, with a bound"),
        new("Edge.Tests/Drivers/FakeEngine.cs", "an answer that never comes"),
        new("Edge.Tests/Fleet/AddTests.cs", "a start that never ends by itself"),
        new("Edge.Tests/Fleet/Fakes.cs", "a driver that never ends by itself"),
        new("Edge.Tests/Fleet/RestlessWorld.cs", "an answer that never comes"),
        new("Edge.Tests/Fleet/TinyServer.cs", "an answer that never comes"),
        new("Edge.Tests/Native/MemoryTests.cs", "a reader that is slow on purpose"),
        new("Edge.Tests/Native/MixedLoad.cs", "clients that think between two requests"),
        new("Edge.Tests/Native/NativeEdge.cs", "polls another process, with a bound"),
        new("Edge.Tests/Native/SlowAttackTests.cs", "attackers that are slow on purpose"),
        new("Edge.Tests/Proxy/CutAnswerTests.cs", "a client that reads slowly on purpose"),
        new("Edge.Tests/Proxy/HalfCloseTests.cs", "replicas that answer slowly, and a client that rests, on purpose"),
        new("Edge.Tests/Proxy/KeepAliveTests.cs", "a replica that closes what is idle for too long"),
        new("Edge.Tests/Proxy/FailureTests.cs", "a client that sends slowly on purpose"),
        new("Edge.Tests/Proxy/StaleConnectionTests.cs", "a replica that works for a while before it ends"),
        new("Edge.Tests/Proxy/InterimTests.cs", "a replica that takes its time for its answer"),
        new("Edge.Tests/Proxy/SlowClientTests.cs", "clients that are slow on purpose"),
    ];
}
