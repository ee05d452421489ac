namespace Edge.Simulate;

/// <summary>A replica that works at some requests at a time; what it gets beyond that waits inside of it.</summary>
/// <param name="up">When it can take requests, in seconds.</param>
internal sealed class ScaleReplica(double up)
{
    /// <summary>When the requests came that wait inside.</summary>
    internal Queue<double> Inside { get; } = new();

    internal double Up { get; } = up;

    internal int Working { get; set; }

    /// <summary>It gets no more requests, and goes when it has none.</summary>
    internal bool IsEnding { get; set; }

    internal int InFlight => Working + Inside.Count;
}
