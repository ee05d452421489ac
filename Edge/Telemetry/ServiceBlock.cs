using System.Text;

namespace Edge.Telemetry;

/// <summary>The memory with what one loop counts for one service beside the default one.</summary>
/// <param name="name">The service's; ASCII.</param>
internal sealed class ServiceBlock(string name)
{
    // The memory before the counters and behind this object belongs to other threads.
#pragma warning disable CS0169, IDE0051 // Never read: they only take up room.
    private CacheLine _before;
#pragma warning restore CS0169, IDE0051

    /// <summary>Only the loop's thread writes them.</summary>
    internal ServiceCounters Counters;

    /// <summary>Requests that are over, by the status that the client got.</summary>
    internal readonly AnswerTable Answers = new();

    private readonly byte[] _name = Encoding.ASCII.GetBytes(name);

#pragma warning disable CS0169, IDE0051 // Never read: it only takes up room.
    private CacheLine _behind;
#pragma warning restore CS0169, IDE0051

    /// <summary>The service's name.</summary>
    internal ReadOnlySpan<byte> Name => _name;

    /// <summary>Whether a request of the service is under way in the loop. For the loop's thread.</summary>
    internal bool IsInUse => Counters.InFlight > 0 || Counters.Waiting > 0;

    /// <summary>Adds all counts of another block, which no thread writes any more. For a block that no other thread can see.</summary>
    internal void Add(ServiceBlock other)
    {
        Telemetry.Counters.AddTo(ref other.Counters, ref Counters);
        other.Answers.AddTo(Answers);
    }
}
