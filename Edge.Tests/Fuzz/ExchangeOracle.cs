using System.Text;
using Edge.Proxy;
using static Edge.Tests.Fuzz.FuzzTargets;

namespace Edge.Tests.Fuzz;

/// <summary>
/// What has to hold between what a client sent and what replicas got, and between what replicas sent and what the client
/// got, whatever any of them did.
/// </summary>
internal sealed class ExchangeOracle
{
    private static readonly string s_closed = Encoding.ASCII.GetString(new Failure(Party.Replica, Phase.ReadResponseHead).Text);
    private static readonly HashSet<string> s_idempotent =
    [
        "GET", "HEAD", "OPTIONS", "TRACE", "PRI", "PROPFIND", "QUERY", "REPORT", "SEARCH", "PUT", "DELETE", "ACL", "BASELINE-CONTROL", "BIND", "CHECKIN",
            "CHECKOUT", "COPY",
        "LABEL", "LINK", "MERGE", "MKACTIVITY", "MKCALENDAR", "MKCOL", "MKREDIRECTREF", "MKWORKSPACE", "MOVE", "ORDERPATCH", "PROPPATCH", "REBIND", "UNBIND",
            "UNCHECKOUT",
        "UNLINK", "UPDATE", "UPDATEREDIRECTREF", "VERSION-CONTROL",
    ];

    private readonly bool _sendsLast;
    private readonly Peer _client;
    private readonly Conversation[] _conversations;
    private readonly List<PlainMessage> _requests;
    private readonly List<PlainMessage> _responses;

    /// <param name="client">Who has asked.</param>
    /// <param name="upstreams">The connections to replicas.</param>
    /// <param name="sendsLast">Whether requests leave at the end of a turn, so that it can be told what was there before.</param>
    internal ExchangeOracle(Peer client, IReadOnlyList<Upstream> upstreams, bool sendsLast)
    {
        _sendsLast = sendsLast;
        _client = client;
        _conversations = [.. upstreams.Select(u => new Conversation(u))];
        _requests = PlainMessage.ReadRequests(client.Sent);
        _responses = PlainMessage.ReadResponses(client.Received, [.. _requests.Select(r => r.Method)]);
    }

    internal void Check()
    {
        if (_conversations.Any(c => c.Peer.Sent.Contains(" 101", StringComparison.Ordinal)))
        {
            // Behind a switch of protocols nothing is HTTP any more.
            return;
        }

        List<Forwarded> forwarded = CheckRequests();
        CheckResponses();
        CheckAnswers(forwarded);
        CheckBlame();
        ExchangePromises.CheckEarlyAnswers(_client, _requests, forwarded);
        ExchangePromises.CheckBound(_client, forwarded);
    }

    // Each request that a replica got is one that the client sent: in order, whole only where it was whole, and not twice where
    // that could do harm.
    private List<Forwarded> CheckRequests()
    {
        var all = new List<Forwarded>();
        foreach (Conversation conversation in _conversations)
        {
            int number = 0;
            CheckReuse(conversation);
            foreach (PlainMessage request in conversation.Requests)
            {
                FuzzTargets.Check(request.Reading != Reading.Bad, $"a replica got what is no request: {Show(conversation.Peer.Received)}");
                if (request.HasHead)
                {
                    all.Add(new Forwarded(conversation, number++, request));
                }
            }
        }

        // A connection that is used again may be older than the one of the request before.
        var taken = new int[_requests.Count];
        bool[] wasStale = new bool[_requests.Count];
        foreach (Forwarded one in all)
        {
            int match = Enumerable.Range(0, _requests.Count).Where(i => IsOf(_requests[i], one.Request)).OrderBy(i => taken[i]).FirstOrDefault(-1);
            FuzzTargets.Check(match >= 0, $"nobody asked for this: {Show(one.Conversation.Peer.Received)} (the client: {Show(_client.Sent)})");
            taken[match]++;
            wasStale[match] |= one.Number > 0;
            RequestTarget.CheckSame(_requests[match], one.Request);
        }

        for (int i = 0; i < taken.Length; i++)
        {
            int same = _requests.Count(r => r.Method == _requests[i].Method && r.Target == _requests[i].Target);

            // One that dies on a connection which has carried others does not count among the three.
            FuzzTargets.Check(taken[i] <= (wasStale[i] ? 4 : 3), $"a request was sent {taken[i]} times");
            FuzzTargets.Check(taken[i] <= 1 || same > 1 || s_idempotent.Contains(_requests[i].Method), $"{Show(_requests[i].Method)} was sent twice");
        }

        return all;
    }

    // A connection carries another request only after a whole response, behind which nothing has come: not even together with it.
    private static void CheckReuse(Conversation conversation)
    {
        Peer peer = conversation.Peer;
        int finals = 0, end = 0;
        foreach (PlainMessage response in conversation.Responses)
        {
            end += response.Length;
            if (IsFinal(response) && ++finals < conversation.Requests.Count)
            {
                FuzzTargets.Check(response.Reading == Reading.Whole, $"used again before its response had ended: {Show(peer.Sent)}");
                FuzzTargets.Check(peer.Cuts.Contains(end), $"used again though more came with the response: {Show(peer.Sent)}");
            }
        }

        FuzzTargets.Check(finals >= conversation.Requests.Count - 1, $"used again without a response: {Show(peer.Received)}");
    }

    // Or may become one.
    internal static bool IsFinal(PlainMessage response) => response.Status >= 200 || response.Reading != Reading.Whole;

    private static bool IsOf(PlainMessage sent, PlainMessage forwarded)
    {
        bool sameBody = forwarded.Reading == Reading.Whole
            ? sent.Reading == Reading.Whole && sent.Body == forwarded.Body
            : sent.Body.StartsWith(forwarded.Body, StringComparison.Ordinal);
        return sent.HasHead && sent.Method == forwarded.Method && sent.Framing == forwarded.Framing && sameBody
            && RequestTarget.SameTarget(sent.Target, forwarded.Target);
    }

    // The client got responses and nothing else, no more than it asked for, and after the last one an end.
    private void CheckResponses()
    {
        PlainMessage[] finals = [.. _responses.Where(IsFinal)];
        foreach (PlainMessage response in _responses)
        {
            FuzzTargets.Check(response.Reading != Reading.Bad, $"the client got what is no response: {Show(_client.Received)}");
            FuzzTargets.Check(!response.HasHead || response.Status != 101, "a switch of protocols that nobody asked for");
        }

        FuzzTargets.Check(finals.Length <= _requests.Count, $"{finals.Length} responses for {_requests.Count} requests: {Show(_client.Received)}");
        for (int i = 0; i < finals.Length; i++)
        {
            bool closes = finals[i].All("Connection").Any(v => v.Equals("close", StringComparison.OrdinalIgnoreCase));
            FuzzTargets.Check(i == finals.Length - 1 || !closes, $"more after the last response: {Show(_client.Received)}");
            bool ended = _client.HasEnded || _client.WasReset || _client.IsGone;

            // Where the request is not there yet, its rest may be waited for.
            bool isOver = closes && finals[i].Reading == Reading.Whole && _requests[i].Reading == Reading.Whole;
            FuzzTargets.Check(!isOver || ended, $"open after its last response: {Show(_client.Received)}");
            bool replicasAreGone = _conversations.All(c => c.Peer.IsGone || c.Peer.HasFinished || c.Peer.HasEnded || c.Peer.WasReset);
            FuzzTargets.Check(
                finals[i].Reading == Reading.Whole || ended || !replicasAreGone, $"open, but nobody is there to finish: {Show(_client.Received)}");
            bool isHttp10 = _requests[i] is { HasHead: true, Minor: 0 };
            FuzzTargets.Check(!isHttp10 || finals[i].Framing != "chunked", "chunked for a client of HTTP/1.0");
            if (_requests[i].Reading == Reading.Bad && finals[i].HasHead && !finals[i].Has("X-Edge-Replica"))
            {
                FuzzTargets.Check(finals[i].Status >= 400 && closes, $"{finals[i].Status} for what is no request, and it stays open");
            }
        }

        FuzzTargets.Check(
            !_responses.Any(r => r.Status is >= 100 and < 200) || _requests.Any(r => !r.HasHead || r.Minor == 1), "an interim response to HTTP/1.0");
    }

    // What the client got as a replica's whole response is one.
    private void CheckAnswers(List<Forwarded> forwarded)
    {
        PlainMessage[] finals = [.. _responses.Where(r => r.Status >= 200 && r.HasHead)];
        for (int i = 0; i < finals.Length; i++)
        {
            PlainMessage got = finals[i];
            if (!got.Has("X-Edge-Replica"))
            {
                continue;
            }

            bool found = forwarded.Any(f => IsAnswer(f, _requests[i], got));
            string sent = string.Join(" || ", _conversations.Select(c => c.Peer.Sent)),
                asked = string.Join(" || ", _conversations.Select(c => c.Peer.Received));
            FuzzTargets.Check(found, $"no replica sent this: {Show(_client.Received)} (replicas: {Show(sent)}, which got {Show(asked)})");
        }
    }

    // If a log says that a peer closed its connection, the peer has done so, or has sent bytes that were not asked for.
    private void CheckBlame()
    {
        bool isBlamed = _responses.Any(r => r.Body.Contains(s_closed, StringComparison.Ordinal) && !r.Has("X-Edge-Replica"));
        FuzzTargets.Check(
            !isBlamed || _conversations.Any(c => c.Peer.HasFinished || c.Peer.IsGone || SaysTooMuch(c)), $"nobody closed anything: {Show(_client.Received)}");
    }

    internal static bool SaysTooMuch(Conversation conversation) => conversation.Responses.Count(IsFinal) > conversation.Requests.Count;

    private static int Before(List<PlainMessage> messages, PlainMessage one) =>
        messages.TakeWhile(m => !ReferenceEquals(m, one)).Sum(m => m.Length);

    // What broke off is the beginning of what was sent; and all of it, where that broke off at the replica's end and at no other.
    private bool IsBegun(Peer replica, PlainMessage request, PlainMessage sent, PlainMessage got)
    {
        bool isReplicasEnd = sent.Reading == Reading.Partial && (replica.IsGone || replica.HasFinished) && request.Reading == Reading.Whole
            && !_client.IsGone && !_client.HasFinished;
        return sent.Reading == Reading.Bad || (isReplicasEnd ? sent.Body == got.Body : sent.Body.StartsWith(got.Body, StringComparison.Ordinal));
    }

    private bool IsAnswer(Forwarded forwarded, PlainMessage request, PlainMessage got)
    {
        Conversation conversation = forwarded.Conversation;
        if (!got.All("X-Edge-Replica").SequenceEqual([$"server_{conversation.Replica + 1}"]) || forwarded.Request.Method != request.Method)
        {
            return false;
        }

        PlainMessage? sent = conversation.Responses.Where(r => r.Status >= 200 && r.HasHead).ElementAtOrDefault(forwarded.Number);
        return sent is not null && sent.Status == got.Status
            && (forwarded.Number == 0 || !_sendsLast
                || conversation.Peer.ReceivedBefore(Before(conversation.Responses, sent)) > Before(conversation.Requests, forwarded.Request))
            && (got.Reading == Reading.Whole ? sent.Reading == Reading.Whole && sent.Body == got.Body : IsBegun(conversation.Peer, request, sent, got));
    }
}
