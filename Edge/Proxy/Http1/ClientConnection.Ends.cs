using System.Diagnostics;
using Edge.Config;

namespace Edge.Proxy;

// How its requests end, and how it does; and which of its states may follow which.
internal sealed partial class ClientConnection
{
    private ClientState _state;

    private void Become(ClientState next)
    {
        Debug.Assert(!Closed && ClientLife.MayFollow(_state, next), $"{_state} may not become {next}");
        _state = next;
    }

    /// <summary>The response has been handed over; the next request may come.</summary>
    internal void OnAnswered(bool keepAlive, bool requestRead)
    {
        Debug.Assert(_state != ClientState.Ending && !Closed, "what has ended is not answered");
        _loop.Requests++;
        EndAccounting();
        _clients.TakeBack(ref _stream);
        if (!keepAlive)
        {
            End(requestRead);
            return;
        }

        Become(ClientState.Reading);
        Watch();
        _loop.Timers.Arm(this, _loop.Now + _loop.Timeouts.ClientIdle);
        if (!Readable && _heads.HeldBytes == 0)
        {
            _ahead = 0;
            return;
        }

        // Not at once: the caller may be in the middle of another connection's event.
        _ahead++;
        _loop.Defer(this);
    }

    /// <summary>Sends a local reply; to HEAD without its body (RFC 9110 §9.3.2).</summary>
    internal void Reply(
        int status, ReadOnlySpan<byte> body, IReadOnlyList<KeyValuePair<string, string>> fields, bool keepAlive, bool requestRead)
    {
        _stream?.Context.Accounting.Status = status;
        ReadOnlySpan<byte> head = Http1LocalReply.WriteHead(_loop, status, body.Length, fields, keepAlive, IsTls, always: _stream?.Context.FixedFields);
        if (Send(head) && (_isHead || body.IsEmpty || Send(body)))
        {
            OnAnswered(keepAlive, requestRead);
        }
        else
        {
            Close();
        }
    }

    // Answers what is no request, or not whole, and ends.
    private void Refuse(int status, ReadOnlySpan<byte> text, KeyValuePair<string, string>[] fields)
    {
        Span<byte> body = stackalloc byte[LocalReply.ErrorBytesAtMost];
        Reply(status, LocalReply.WriteError(body, default, text), fields, keepAlive: false, requestRead: false);
    }

    /// <summary>The process ends: a connection without a request is closed at once, others after their response.</summary>
    internal void OnDraining()
    {
        if (_state is not (ClientState.Reading or ClientState.Announcing or ClientState.Handshaking) || _heads.HeldBytes > 0)
        {
            return;
        }

        if (_served > 0 && UnsentBytes == 0)
        {
            Close();
        }
        else
        {
            _loop.Timers.Arm(this, _loop.Now + Limits.NewcomerMilliseconds);
        }
    }

    /// <summary>The process ends now, whatever the connection is doing: a client that waits for an answer gets one.</summary>
    internal void OnProcessEnds()
    {
        switch (_state)
        {
            case ClientState.Forwarding: Handlers.Exchange.OnProcessEnds(); break;
            case ClientState.Control: Handlers.Control.OnProcessEnds(); break;
            case ClientState.Ending: break;
            default: Close(); break;
        }
    }

    /// <summary>The response breaks off: the client gets the part that there is, and an end that shows that it is not whole.</summary>
    /// <param name="requestRead">As for <see cref="End"/>.</param>
    /// <param name="isEndDelimited">Whether the end of the connection would otherwise be the end of the response.</param>
    internal void EndCut(bool requestRead, bool isEndDelimited)
    {
        EndAccounting();
        _clients.TakeBack(ref _stream);
        End(requestRead, resets: isEndDelimited);
    }

    /// <summary>Ends the connection in such a way that the client can read everything that was sent.</summary>
    /// <param name="requestRead">Whether the client sends nothing more, so that nothing has to be read.</param>
    /// <param name="resets">Whether the connection ends with a reset.</param>
    internal void End(bool requestRead, bool resets = false)
    {
        Held?.LetGo();
        bool mayHaveMore = !requestRead || Readable || _heads.HeldBytes > 0 || (!IsWatched && !IsQuiet());
        _heads.Drop(_loop);
        Become(ClientState.Ending);
        if (mayHaveMore || resets)
        {
            Watch();
        }

        _end.Begin(_loop, this, mayHaveMore, resets);
    }
}
