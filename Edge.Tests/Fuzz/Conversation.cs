namespace Edge.Tests.Fuzz;

/// <summary>What was said on a connection to a replica.</summary>
internal sealed class Conversation
{
    internal Conversation(Upstream upstream)
    {
        Replica = upstream.Replica;
        Peer = upstream.Peer;
        Requests = PlainMessage.ReadRequests(Peer.Received);
        Responses = PlainMessage.ReadResponses(Peer.Sent, [.. Requests.Select(r => r.Method)]);
    }

    internal int Replica { get; }

    internal Peer Peer { get; }

    internal List<PlainMessage> Requests { get; }

    /// <summary>Read as those to the requests, one after the other.</summary>
    internal List<PlainMessage> Responses { get; }

    /// <summary>Neither side has ended it.</summary>
    internal bool IsOpen => Peer is { IsGone: false, HasFinished: false, HasEnded: false, WasReset: false };

    /// <summary>Each request on it has its answer, whole, behind which nothing came, and which leaves it open; so it may carry another.</summary>
    internal bool IsAtRest =>
        Responses.Count(ExchangeOracle.IsFinal) == Requests.Count && Responses.Sum(r => r.Length) == Peer.Sent.Length
        && Requests.All(r => r.Reading == Reading.Whole) && Responses.All(r => r.Reading == Reading.Whole);
}

/// <summary>A request as a replica got it.</summary>
/// <param name="Conversation">On which connection.</param>
/// <param name="Number">The how many-th there, from 0.</param>
/// <param name="Request">It.</param>
internal sealed record Forwarded(Conversation Conversation, int Number, PlainMessage Request);
