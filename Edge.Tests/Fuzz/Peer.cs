using System.Net.Sockets;
using System.Text;

namespace Edge.Tests.Fuzz;

/// <summary>One end of a connection with the balancer, that never waits: what can be sent is sent, what is there is read.</summary>
internal sealed class Peer : IDisposable
{
    private readonly IPeerWire _wire;
    private readonly byte[] _area = new byte[64 * 1024];
    private readonly StringBuilder _received = new();
    private readonly StringBuilder _sent = new();
    private readonly Queue<Step> _steps = new();
    private readonly List<(int Sent, int Received)> _sendings = [];
    private int _offset;

    internal Peer(IPeerWire wire) => _wire = wire;

    /// <summary>What the other end may have read, one character a byte.</summary>
    internal string Sent => _sent.ToString();

    /// <summary>Where in <see cref="Sent"/> one call ended: all before it was there for the other end before anything behind it.</summary>
    internal HashSet<int> Cuts { get; } = [0];

    internal string Received => _received.ToString();

    /// <summary>How much of <see cref="Received"/> was there when the byte at this place of <see cref="Sent"/> was sent.</summary>
    internal int ReceivedBefore(int sent) => _sendings.Last(s => s.Sent <= sent).Received;

    /// <summary>The other end sends no more.</summary>
    internal bool HasEnded { get; private set; }

    /// <summary>The other end has reset the connection.</summary>
    internal bool WasReset { get; private set; }

    /// <summary>This end has reset the connection.</summary>
    internal bool IsGone { get; private set; }

    internal bool HasFinished { get; private set; }

    internal void Do(Step step) => _steps.Enqueue(step);

    /// <summary>Sends and reads what can be. Returns whether anything was.</summary>
    internal bool Move() => !IsGone && (Receive() | Send());

    /// <summary>Resets the connection, so that neither side keeps anything of it.</summary>
    public void Dispose()
    {
        if (!IsGone)
        {
            IsGone = true;
            _wire.ResetWithEnd();
        }

        _wire.Dispose();
    }

    private bool Send()
    {
        bool moved = false;
        while (!IsGone && _steps.TryPeek(out Step step))
        {
            while (_offset < step.Bytes.Length && !HasFinished)
            {
                int sent = _wire.Send(step.Bytes.AsSpan(_offset), out SocketError error);
                if (error == SocketError.WouldBlock)
                {
                    return moved;
                }

                if (error != SocketError.Success)
                {
                    // The other end is gone: what is left goes nowhere.
                    WasReset = true;
                    _steps.Clear();
                    return moved;
                }

                _sendings.Add((_sent.Length, _received.Length));
                _sent.Append(Encoding.Latin1.GetString(step.Bytes, _offset, sent));
                Cuts.Add(_sent.Length);
                _offset += sent;
                moved = true;
            }

            _steps.Dequeue();
            _offset = 0;
            moved = true;
            End(step.Ending);
            if (step.Bytes.Length > 0)
            {
                // The rest after the balancer has seen this: where it is cut is a part of the script.
                return true;
            }
        }

        return moved;
    }

    private void End(Ending ending)
    {
        if (ending == Ending.Reset)
        {
            Dispose();
        }
        else if (ending == Ending.Half && !HasFinished)
        {
            HasFinished = true;

            // Or the other end was faster.
            WasReset |= !_wire.TryFinish();
        }
    }

    private bool Receive()
    {
        bool moved = false;
        while (!IsGone && !HasEnded && !WasReset)
        {
            int got = _wire.Receive(_area, out SocketError error);
            if (error == SocketError.WouldBlock)
            {
                return moved;
            }

            moved = true;
            WasReset = error != SocketError.Success;
            HasEnded = got == 0;
            _received.Append(Encoding.Latin1.GetString(_area, 0, got));
        }

        return moved;
    }
}
