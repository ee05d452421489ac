namespace Edge.Telemetry;

/// <summary>The part of a line that is known when the request is over. Times in nanoseconds.</summary>
internal ref struct AccessRecord
{
    /// <summary>When it was over.</summary>
    internal LogTime Time;
    internal ReadOnlySpan<byte> Client;

    /// <summary>What <see cref="AccessLine.Begin"/> wrote first: the part before the figures.</summary>
    internal ReadOnlySpan<byte> Before;

    /// <summary>What it wrote after that: the part behind the figures.</summary>
    internal ReadOnlySpan<byte> Behind;

    /// <summary>0 if the client got no response.</summary>
    internal int Status;
    internal long BytesReceived;
    internal long BytesSent;
    internal long Duration;
    internal long Queued;
    internal long Connecting;

    /// <summary>Until the head of the replica's response; negative if there was none.</summary>
    internal long Responding;

    /// <summary>The last replica that the request was sent to; empty if there was none.</summary>
    internal ReadOnlySpan<byte> Replica;

    /// <summary>The service that the request was for; empty for the default one, and where no service is known.</summary>
    internal ReadOnlySpan<byte> Service;
    internal int Attempts;
    internal Reason Reason;
}
