namespace Edge.Cli;

/// <summary>The exit codes of the program. From 64 on, they are those of sysexits.h.</summary>
internal static class ExitCodes
{
    internal const int Ok = 0;

    /// <summary>The balancer answered with a failure.</summary>
    internal const int Refused = 1;

    /// <summary>The arguments or options cannot be used.</summary>
    internal const int Usage = 64;

    /// <summary>The balancer cannot be reached, or cannot open its port.</summary>
    internal const int Unavailable = 69;

    /// <summary>A mistake in the program.</summary>
    internal const int Software = 70;
}
