namespace Edge.Routing;

/// <summary>
/// One application that requests are forwarded to. Immutable; each loop has a queue, a retry budget and a place in the round for each service. The routes
/// to it, its options and its replicas may change while it is the same service.
/// </summary>
internal sealed class Service
{
    /// <summary>The name of <see cref="Default"/>.</summary>
    internal const string DefaultName = "default";

    /// <summary>The one that gets every request that no route is for.</summary>
    internal static readonly Service Default = new(0, DefaultName);

    /// <param name="number">Its place among the services, from 0 on; the first gets what no route is for. Free again when it is no more.</param>
    /// <param name="name">For people.</param>
    internal Service(int number, string name)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        (Number, Name) = (number, name);
    }

    internal int Number { get; }

    internal string Name { get; }

    public override string ToString() => Name;
}
