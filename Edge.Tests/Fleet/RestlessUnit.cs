using System.Net;
using Edge.Fleet;

namespace Edge.Tests.Fleet;

/// <summary>What runs, or can be started again, in a <see cref="RestlessWorld"/>.</summary>
/// <param name="id">u and a number.</param>
/// <param name="name">That it begins with.</param>
/// <param name="origin">Who made it.</param>
internal sealed class RestlessUnit(string id, string name, ReplicaOrigin origin)
{
    internal string Id { get; } = id;

    internal string Name { get; set; } = name;

    internal ReplicaOrigin Origin { get; } = origin;

    /// <summary>How often it was started.</summary>
    internal int Life { get; set; } = 1;

    internal bool Runs { get; set; } = true;

    internal string? Objection { get; set; }

    internal ObservedReplica Observed => new($"{Id}@{Life}", Name, Address, 1, Objection)
    {
        UnitId = Id,
        Origin = Origin,
    };

    private IPEndPoint Address => new(IPAddress.Loopback, 1 + int.Parse(Id[1..], null) * 16 + Life % 16);
}
