using static Edge.Tests.Fuzz.FuzzTargets;

namespace Edge.Tests.Fuzz;

/// <summary>
/// What the balancer owes beyond the messages themselves: the rest of a request that was answered early, and a connection of its own to a
/// user who was authenticated on it.
/// </summary>
internal static class ExchangePromises
{
    private static readonly string[] s_binding = ["Authorization", "Proxy-Authorization", "WWW-Authenticate", "Proxy-Authenticate"];

    /// <summary>A replica that answers early, does not close, and reads on gets all that the client sends of the request.</summary>
    internal static void CheckEarlyAnswers(Peer client, List<PlainMessage> requests, List<Forwarded> forwarded)
    {
        if (client.IsGone || client.HasFinished || client.WasReset)
        {
            return;
        }

        foreach (Forwarded one in forwarded.Where(f => f.Request.Reading == Reading.Partial && ReadsOn(f)))
        {
            // Of those that have the same method and target, all: any of them may be it. One that is doubtful is ended for that.
            PlainMessage[] sent = [.. requests.Where(r => r.Method == one.Request.Method && RequestTarget.SameTarget(r.Target, one.Request.Target))];
            bool isOwed = sent.Length > 0 && sent.All(r => r.Reading == Reading.Whole && !r.Has("Expect") && IsPlain(Text(client, requests, r)));
            Check(!isOwed, $"a request was cut behind its early answer: {Show(one.Conversation.Peer.Received)}");
        }
    }

    private static string Text(Peer client, List<PlainMessage> requests, PlainMessage one)
    {
        int start = requests.TakeWhile(r => !ReferenceEquals(r, one)).Sum(r => r.Length);
        return client.Sent.Substring(start, one.Length);
    }

    // Of chunks, the plain reader takes more than the balancer does: trailers that it refuses, and lines that are too long for it.
    private static bool IsPlain(string request) =>
        !request.Contains("chunked", StringComparison.OrdinalIgnoreCase)
        || (request.EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal) && !request.Contains(';') && !request.Contains("000000", StringComparison.Ordinal));

    /// <summary>Where a user was authenticated, the client's next request goes, as long as that connection stands.</summary>
    internal static void CheckBound(Peer client, List<Forwarded> forwarded)
    {
        Conversation[] bound = [.. forwarded.Select(f => f.Conversation).Distinct().Where(c => IsBound(c) && c.IsOpen && c.IsAtRest)];
        Check(bound.Length <= 1, $"two connections are held for one client: {Show(client.Sent)}");
    }

    /// <summary>Once its client has gone, no such connection is kept: the next one to use it would be taken for that user.</summary>
    internal static void CheckLetGo(IEnumerable<Upstream> upstreams)
    {
        foreach (Conversation one in upstreams.Select(u => new Conversation(u)))
        {
            Check(!IsBound(one) || !one.IsOpen || !one.IsAtRest, $"kept, though somebody was authenticated on it: {Show(one.Peer.Received)}");
        }
    }

    private static bool ReadsOn(Forwarded one)
    {
        Conversation conversation = one.Conversation;
        PlainMessage? answer = conversation.Responses.Where(r => r.Status >= 200 && r.HasHead).ElementAtOrDefault(one.Number);
        Peer peer = conversation.Peer;
        return answer is { Reading: Reading.Whole, Minor: 1, Status: not 204 } && answer.Framing != "close" && !answer.Has("Connection")
            && conversation.Responses.Sum(r => r.Length) == peer.Sent.Length && !ExchangeOracle.SaysTooMuch(conversation)
            && !peer.IsGone && !peer.HasFinished;
    }

    private static bool IsBound(Conversation conversation) =>
        conversation.Requests.Concat(conversation.Responses).Where(m => m.HasHead && m.Status is 0 or >= 200).Any(m => m.Fields.Any(IsBinding));

    // The plain form alone; what else may be one does no harm.
    private static bool IsBinding(KeyValuePair<string, string> field) =>
        s_binding.Contains(field.Key, StringComparer.OrdinalIgnoreCase) && field.Value.Split(' ')[0].ToUpperInvariant() is "NTLM" or "NEGOTIATE";
}
