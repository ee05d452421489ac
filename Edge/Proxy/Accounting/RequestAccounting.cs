using System.Runtime.CompilerServices;
using Edge.Config;
using Edge.Http;
using Edge.Io;
using Edge.Routing;
using Edge.Telemetry;

namespace Edge.Proxy;

/// <summary>
/// Follows one request from its head to its end: counts it exactly once, whatever its end, measures its phases, and has it logged.
/// </summary>
/// <param name="loop">Of the client.</param>
/// <param name="shared">With all other requests of the loop.</param>
/// <param name="peer">The client's address.</param>
internal sealed class RequestAccounting(LoopContext loop, LoopAccounting shared, PeerText peer)
{
    private const long NotYet = -1;

    private bool _isOpen;
    private RequestKind _kind;
    private Method _method;
    private long _begun;
    private long _queueBegan;
    private long _queued;
    private long _connectBegan;
    private long _connecting;
    private long _sendBegan;
    private long _responding;
    private int _attempts;
    private Replica? _attempted;
    private Replica? _replica;
    private AccessCapture? _capture;
    private RequestIdentity? _identity;

    // Where it is counted; null for the default service, and as long as no service is known.
    private ServiceBlock? _service;

    /// <summary>The status that the client got; 0 as long as it got none.</summary>
    internal int Status { get; set; }

    /// <summary>Why the request failed.</summary>
    internal Reason Reason { get; set; }

    /// <summary>The id and the trace that were made for the request; null if none are made.</summary>
    internal RequestIdentity? Identity { get; private set; }

    private ref LoopCounters Counters => ref loop.Counters;

    private ref ServiceCounters Requests
    {
        get
        {
            if (_service is { } service)
            {
                return ref service.Counters;
            }

            return ref loop.Counters.Requests;
        }
    }

    /// <summary>A head has arrived, or bytes that are no head.</summary>
    /// <param name="data">The head's bytes.</param>
    /// <param name="head">Null if nothing in it can be relied on.</param>
    /// <param name="tls">The client's; null without TLS.</param>
    internal void Begin(ReadOnlySpan<byte> data, Head? head, TlsSession? tls)
    {
        _isOpen = true;
        _kind = RequestKind.Forwarded;
        _begun = loop.Instant;
        _queueBegan = _responding = NotYet;
        _queued = _connecting = 0;
        _attempts = 0;
        _replica = null;
        _service = null;
        _method = head is null ? Method.Other : head.Method;
        Status = 0;
        Reason = Reason.None;
        Counters.Requests.Begun++;
        Identity = null;
        AccessLogFormat format = shared.Log.Wanted();
        if (format != AccessLogFormat.Off || loop.Settings.MakesIdentities)
        {
            Note(data, head, format, tls);
        }
    }

    /// <summary>The request is for one of the balancer's own paths, and is counted apart.</summary>
    internal void BecomeControl()
    {
        _kind = RequestKind.Control;
        Counters.Requests.Begun--;
    }

    /// <summary>The request is one of a monitor, which does not keep the service awake.</summary>
    internal void BecomeMonitor()
    {
        _kind = RequestKind.Monitor;
        Requests.MonitorsBegun++;
    }

    /// <summary>The request is for a service beside the default one.</summary>
    /// <param name="service">Where the loop counts for it.</param>
    internal void BelongTo(ServiceBlock service)
    {
        Counters.Requests.Begun--;
        service.Counters.Begun++;
        _service = service;
    }

    /// <summary>The request waits in the queue from now on.</summary>
    internal void BeginWait() => _queueBegan = loop.Instant;

    /// <summary>The request does not wait any more.</summary>
    internal void EndWait()
    {
        if (_queueBegan != NotYet)
        {
            long waited = loop.Instant - _queueBegan;
            Requests.Queue.Add(waited);
            _queued += waited;
            _queueBegan = NotYet;
        }
    }

    /// <summary>The request is about to be sent to a replica.</summary>
    internal void BeginAttempt(Replica replica)
    {
        _attempted = _replica = replica;
        _attempts++;
        _connectBegan = loop.Instant;
    }

    /// <summary>The connection to the replica is made.</summary>
    /// <param name="isNew">Whether it did not come from the pool.</param>
    internal void OnConnected(bool isNew)
    {
        _sendBegan = loop.Instant;
        if (isNew)
        {
            Counters.Connect.Add(_sendBegan - _connectBegan);
            _connecting += _sendBegan - _connectBegan;
        }
    }

    /// <summary>The head of the replica's response has arrived and goes to the client.</summary>
    internal void OnResponse()
    {
        _responding = SinceConnected;
        _attempted!.CountersOf(loop.Number).Response.Add(_responding);
    }

    /// <summary>Nanoseconds since the attempt under way was connected.</summary>
    internal long SinceConnected => loop.Instant - _sendBegan;

    /// <summary>Ends the attempt, if there is one.</summary>
    /// <param name="status">The replica's status; 0 for none.</param>
    internal void EndAttempt(int status)
    {
        Status = status;
        if (_attempted is { } replica)
        {
            replica.CountersOf(loop.Number).Ended++;
            replica.AnswersOf(loop.Number).Count((int)_method, status);
            _attempted = null;
        }
    }

    /// <summary>Another attempt follows.</summary>
    internal void CountRetry(Reason reason)
    {
        Counters.Retries[(int)reason]++;
        shared.View?.CountRetry();
    }

    /// <summary>The response has been handed over.</summary>
    /// <param name="received">Bytes of the request, its head included.</param>
    /// <param name="sent">Bytes of the answer, with those that are unsent.</param>
    internal void End(long received, long sent)
    {
        if (!_isOpen)
        {
            return;
        }

        _isOpen = false;
        long duration = loop.Instant - _begun;
        if (_capture is { Format: not AccessLogFormat.Off } capture)
        {
            Log(capture, duration, received, sent);
        }

        ref ServiceCounters requests = ref Requests;
        if (_kind != RequestKind.Forwarded)
        {
            if (_kind == RequestKind.Control)
            {
                loop.ControlAnswers.Count((int)_method, Status);
                return;
            }

            requests.MonitorsEnded++;
        }

        requests.Ended++;
        (_service is { } service ? service.Answers : loop.Answers).Count((int)_method, Status);
        requests.Duration.Add(duration);
        if (Status >= 500)
        {
            requests.Errors++;
        }

        if (Reason == Reason.None)
        {
            shared.View?.CountAnswer(duration / 1_000_000);
            return;
        }

        requests.Failures[(int)Reason]++;
        if (Status < 500 && Reason is Reason.ResponseCut or Reason.ResponseBodyTimeout)
        {
            // After the head of a response a failure has no status of its own.
            requests.Errors++;
        }

        if (!Reason.IsOfClient())
        {
            shared.View?.CountFailure(duration / 1_000_000);
        }
    }

    /// <summary>The connection is gone, and its request, if it had one, with it.</summary>
    /// <param name="received">As of <see cref="End"/>.</param>
    /// <param name="sent">As of <see cref="End"/>.</param>
    internal void OnClosed(long received, long sent)
    {
        if (_isOpen && Reason == Reason.None)
        {
            Reason = Reason.ClientGone;
        }

        End(received, sent);
    }

    [SkipLocalsInit]
    private void Note(ReadOnlySpan<byte> data, Head? head, AccessLogFormat format, TlsSession? tls)
    {
        Span<ByteRange> noted = stackalloc ByteRange[NotedFields.Count];
        if (head is not null)
        {
            NotedFields.Find(data, head, noted);
            if (loop.Settings.MakesIdentities)
            {
                Identity = _identity ??= new RequestIdentity();
                bool makesId = loop.Settings.RequestIds == RequestIdRule.Replace
                    || (loop.Settings.RequestIds == RequestIdRule.Make && !RequestIdentity.IsId(noted[(int)NotedField.RequestId].Of(data)));
                Identity.Decide(makesId, noted[(int)NotedField.TraceParent].Of(data), loop.Settings.StartsTraces, ref shared.RandomBits);
            }
        }

        if (format != AccessLogFormat.Off)
        {
            _capture ??= new AccessCapture(loop.Buffers);
            _capture.Begin(format, data, head, noted, Identity, tls);
        }
    }

    private void Log(AccessCapture capture, long duration, long received, long sent)
    {
        var record = new AccessRecord
        {
            Client = peer.Text,
            Status = Status,
            BytesReceived = received,
            BytesSent = sent,
            Duration = duration,
            Queued = _queued,
            Connecting = _connecting,
            Responding = _responding,
            Replica = _replica is { } replica ? replica.NameBytes : default,
            Service = _service is { } service ? service.Name : default,
            Attempts = _attempts,
            Reason = Reason,
        };
        capture.Fill(ref record);
        shared.Log.Write(capture.Format, ref record);
        capture.Drop();
    }
}
