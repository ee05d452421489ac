using Edge.Http;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

// What is answered in the place of the service's replicas, before any of them is picked.
internal sealed partial class Exchange
{
    // False where the request was answered.
    private bool GoesOn(ServiceState service, ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        if (service.Access is { } gate && !PassesGate(gate, data, head, facts))
        {
            return false;
        }

        if (service.Queue.Mode == ServiceMode.Stopped)
        {
            ServiceSettings settings = service.Settings;
            LocalReply.Stop(Client, facts.Body, settings.HasPage && AcceptedTypes.NameHtml(data, head) ? settings.MaintenancePage : null);
            return false;
        }

        // What the client sent: the path of the service may be a part of that.
        int start = facts.IsAbsolute ? facts.Host.Start + facts.Host.Length : head.TargetStart;
        ReadOnlySpan<byte> target = data[start..(head.TargetStart + head.TargetLength)];
        if (service.Redirects is { } redirects && !HttpsRedirect.IsChallenge(target) && redirects.Find(target) is { } location)
        {
            LocalReply.Redirect(Client, facts.Body, location);
            return false;
        }

        return !service.MaySleep || GoesOnAsleep(service, data, head, facts);
    }

    // Of a service that is asleep, or may be: whether the request wakes it, and waits. A monitor does not, nor does it keep the service awake. False where the
    // request was answered.
    private bool GoesOnAsleep(ServiceState service, ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        bool isAsleep = service.Table.IsAsleep;
        if (service.Settings.Monitors is { } monitors && monitors.Have(data, head, facts.Path.Of(data)))
        {
            if (isAsleep)
            {
                LocalReply.Deny(
                    Client, facts.Body, Reason.ServiceAsleep, 503, "The service is asleep, and this request does not wake it"u8, LocalReply.JsonRetryAsleep);
                return false;
            }

            Accounting.BecomeMonitor();
            return true;
        }

        if (isAsleep && service.Settings.ShowsWaitingPage && service.Queue.Mode == ServiceMode.Open && WaitingPage.IsFor(data, head))
        {
            service.Queue.Wake();
            LocalReply.ShowWaiting(Client, facts.Body);
            return false;
        }

        return true;
    }

    // False where the request was answered.
    private bool PassesGate(AccessGate gate, ReadOnlySpan<byte> data, Head head, in RequestFacts facts)
    {
        AccessVerdict verdict = gate.Judge(Client.Peer, Client.IsTrusted, data, head);
        if (verdict == AccessVerdict.Admitted)
        {
            _context.TakesAuthorization = gate.TakesAuthorization;
            return true;
        }

        switch (verdict)
        {
            case AccessVerdict.NotAllowed:
                LocalReply.Deny(Client, facts.Body, Reason.NotAllowed, 403, "This address may not ask here"u8, LocalReply.Json);
                break;
            case AccessVerdict.TooManyRequests:
                LocalReply.Deny(Client, facts.Body, Reason.RateLimited, 429, "Too many requests"u8, LocalReply.JsonRetryAfter);
                break;
            case AccessVerdict.TooManyAttempts:
                LocalReply.Deny(Client, facts.Body, Reason.AttemptsLimited, 429, "Too many wrong passwords"u8, LocalReply.JsonRetryAttempt);
                break;
            default:
                LocalReply.Deny(Client, facts.Body, Reason.Unauthorized, 401, "A user and a password are needed"u8, gate.Challenge);
                break;
        }

        return false;
    }
}
