using System.Runtime.CompilerServices;
using Edge.Config;
using Edge.Http;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

// While new replicas of the service are compared with the old ones: which requests go to them, and the shield, by which an old replica answers what a new
// one has failed, before the client has got anything of an answer.
internal sealed partial class Exchange
{
    private Comparison? _comparison;

    // Whether the present attempt counts in it. Requests of services without a canary look at nothing else.
    private bool _isCompared;

    private Comparison Compared => _comparison!;

    // The client has nothing to lose: whatever the canary does, there is another replica to ask.
    private bool IsShielded => Compared.Fresh is { } fresh && fresh == _replica && !_response.HeadSent && _service.Queue.HasReplicas;

    // Whether the request's first attempt is compared. Only requests that may act twice, have no body, and are bound to no replica; so that the canary
    // is never the only one that has got something.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool EntersComparison(CanaryPicker canary, ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        if (head.Method is not (Method.Get or Method.Head) || facts.Body.Kind != BodyKind.None || facts.OffersUpgrade
            || _binds || Client.Held is not null || _attempts.HasWish || canary.Count == 0)
        {
            return false;
        }

        Replica? fresh = null;
        if (canary.IsByClient ? HasClient(canary, data, head) : canary.Draws())
        {
            fresh = _service.Queue.PickNew(canary);
            if (fresh is null)
            {
                // It goes to an old one, and is counted on neither side: the new ones had no room.
                return false;
            }

            _attempts.Prefer(fresh);
        }

        _comparison ??= new Comparison(_loop, this);
        Compared.Begin(canary.Figures, fresh, Math.Min(canary.Patience, _service.Settings.CanaryPatience));
        return true;
    }

    private bool HasClient(CanaryPicker canary, ReadOnlySpan<byte> data, Head head)
    {
        PeerAddress client = ClientAddress.Of(Client.Peer, Client.IsTrusted, data, head, _loop.Settings.TrustedProxies);
        (ulong high, ulong low) = client.Subscriber;
        return canary.Has(high, low);
    }

    // Its replica is about to be asked.
    private void BeginCompared(Replica replica)
    {
        if (Compared.Fresh is not { } fresh)
        {
            return;
        }

        if (fresh != replica)
        {
            // It has left the table, or has no room any more, since it was chosen.
            _isCompared = false;
        }
        else if (IsShielded)
        {
            _response.IsShielded = true;
            Compared.Arm();
        }
    }

    private void CountComparedAnswer()
    {
        Compared.Timer.Disarm();
        Compared.CountAnswer(_response.Status, Accounting.SinceConnected);
    }

    // Whether an old replica is asked, in the place of the client being told of the failure of a new one.
    private bool AsksOld(Failure failure)
    {
        bool isShielded = IsShielded && failure.Party != Party.Client;
        CountComparedFailure(failure);
        if (isShielded)
        {
            AskOld(failure.Reason, failure.Blame);
        }

        return isShielded;
    }

    private void CountComparedFailure(Failure failure)
    {
        if (failure.IsStale)
        {
            // The attempt begins anew, unless it was the canary's: nothing is known of that one then.
            return;
        }

        _isCompared = false;
        Compared.Timer.Disarm();
        if (!IsAnswered && failure.Blame != Blame.Nobody)
        {
            Compared.CountFailure();
        }
    }

    // After a status for which another replica is to be asked. False if the retry is an ordinary one.
    private bool AsksOldAfter(int status)
    {
        bool isShielded = _response.IsShielded;
        if (!isShielded || status >= 500)
        {
            // Else it authenticates its connection, which only an old one may do.
            Compared.CountAnswer(status, Accounting.SinceConnected);
        }

        _isCompared = false;
        if (isShielded)
        {
            AskOld(Reason.Status, status >= 500 ? Blame.Replica : Blame.Nobody);
        }

        return isShielded;
    }

    // The attempt is none of those that the client's request may have.
    private void AskOld(Reason reason, Blame blame)
    {
        _isCompared = false;
        Compared.Timer.Disarm();
        _attempts.Forgive();
        Retry(reason, blame);
    }

    // The canary has had its time, which is less than the options allow: that is no failure of the replica, but counts in the comparison.
    private void OnCanaryDeadline()
    {
        if (!IsShielded)
        {
            // The old ones have all left since. It has the time that the options allow.
            return;
        }

        Compared.CountFailure();
        AskOld(new Failure(Party.Replica, PhaseNow, IsTimeout: true).Reason, Blame.Nobody);
    }
}
