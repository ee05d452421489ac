namespace Edge.Telemetry;

/// <summary>What a line tells of a request beside that, when it is over. Times in nanoseconds.</summary>
internal ref struct AccessRecord
{
    /// <summary>When it was over.</summary>
    internal LogTime Time;
    internal ReadOnlySpan<byte> Client;

    /// <summary>What <see cref="AccessLine.Begin"/> wrote first: it stands before the figures.</summary>
    internal ReadOnlySpan<byte> Before;

    /// <summary>What it wrote behind that: it stands behind the figures.</summary>
    internal ReadOnlySpan<byte> Behind;

    /// <summary>0 where the client got none.</summary>
    internal int Status;
    internal long BytesReceived;
    internal long BytesSent;
    internal long Duration;
    internal long Queued;
    internal long Connecting;

    /// <summary>Until the head of the replica's response; negative where there was none.</summary>
    internal long Responding;

    /// <summary>The last replica that it was sent to; empty where there was none.</summary>
    internal ReadOnlySpan<byte> Replica;
    internal int Attempts;
    internal Reason Reason;
}
