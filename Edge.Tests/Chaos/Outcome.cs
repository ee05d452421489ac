namespace Edge.Tests.Chaos;

/// <summary>What a client got for a request.</summary>
internal enum Got
{
    /// <summary>The right answer, all of it.</summary>
    Right,

    /// <summary>The head of the right answer and then not all of its body.</summary>
    BrokenAfterHead,

    /// <summary>An error that the replica itself answered, passed on.</summary>
    ReplicasError,

    /// <summary>An error of the balancer's own.</summary>
    BalancersError,

    /// <summary>The connection ended before the head of an answer was whole.</summary>
    Reset,

    /// <summary>Bytes that are no HTTP.</summary>
    Garbage,

    /// <summary>An answer to another request.</summary>
    MixedUp,

    /// <summary>Nothing, for as long as a client has patience.</summary>
    Nothing,
}

/// <summary>A request, and what became of it.</summary>
/// <param name="Token">That it was sent with.</param>
/// <param name="IsPost">A POST with a body; else a GET.</param>
/// <param name="Got">What the client got.</param>
/// <param name="Milliseconds">From the moment at which it was due.</param>
/// <param name="At">Seconds from the start of the load at which it was due.</param>
/// <param name="Detail">What an error looked like.</param>
internal sealed record Outcome(string Token, bool IsPost, Got Got, double Milliseconds, double At, string Detail)
{
    public override string ToString() => FormattableString.Invariant(
        $"{At:0.000} s: {(IsPost ? "POST" : "GET")} {Token}: {Got} after {Milliseconds:0} ms {Detail}");
}
