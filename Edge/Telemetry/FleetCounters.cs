namespace Edge.Telemetry;

/// <summary>What the control plane counts. From any thread.</summary>
internal sealed class FleetCounters
{
    /// <summary>The words for <see cref="DriverCall"/>, in its order.</summary>
    internal static readonly string[] Calls = ["list", "start", "stop", "forget", "watch", "image", "lines"];

    /// <summary>The words for the verdicts of health checks.</summary>
    internal static readonly string[] Verdicts = ["not_yet", "passed", "failed", "never_well", "wedged", "wavered"];

    private readonly long[] _calls = new long[Calls.Length];
    private readonly long[] _errors = new long[Calls.Length];
    private readonly long[] _verdicts = new long[Verdicts.Length];
    private long _ejections;
    private long _spared;

    internal long Ejections => Volatile.Read(ref _ejections);

    /// <summary>Replicas that were not ejected because too many were ejected already.</summary>
    internal long Spared => Volatile.Read(ref _spared);

    internal long CallsOf(int call) => Volatile.Read(ref _calls[call]);

    internal long ErrorsOf(int call) => Volatile.Read(ref _errors[call]);

    internal long VerdictsOf(int verdict) => Volatile.Read(ref _verdicts[verdict]);

    internal void CountEjection() => Interlocked.Increment(ref _ejections);

    internal void CountSpared() => Interlocked.Increment(ref _spared);

    /// <param name="verdict">Index into <see cref="Verdicts"/>.</param>
    internal void CountVerdict(int verdict) => Interlocked.Increment(ref _verdicts[verdict]);

    internal void CountCall(DriverCall call) => Interlocked.Increment(ref _calls[(int)call]);

    internal void CountError(DriverCall call) => Interlocked.Increment(ref _errors[(int)call]);
}
