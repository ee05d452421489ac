using System.Text;
using Edge.Io;

namespace Edge.Tests.Io;

/// <summary>A connection that shakes hands, then sends back what it reads: in turns at once and with the turn.</summary>
internal sealed class TlsEcho : Connection
{
    private readonly byte[] _area = new byte[5000];

    internal TlsEcho(EventLoop loop, int fd, TlsFrontend frontend) : base(loop)
    {
        BeginTls(new TlsSession(loop.Tls, frontend));
        Attach(fd);
    }

    /// <summary>What came of the handshake.</summary>
    internal TaskCompletionSource<(TlsProgress Progress, TlsFailure Failure)> Shaken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>How the peer's side ended: 0 with close_notify or the socket's end, <see cref="Connection.Broken"/> otherwise.</summary>
    internal TaskCompletionSource<int> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal (int Version, bool IsResumed, string Suite, string Name) Facts { get; private set; }

    /// <summary>Of the client's certificate.</summary>
    internal string Subject { get; private set; } = "";

    internal bool WasToldOfTheEnd { get; private set; }

    internal override void OnReady(uint events)
    {
        Note(events);
        GoOn();
    }

    internal override void OnDeferred() => GoOn();

    private void GoOn()
    {
        if (Closed || (!Tls!.IsOpen && !Shake()))
        {
            return;
        }

        for (int round = 0; round < 3; round++)
        {
            if (!Flush())
            {
                End(Broken);
                return;
            }

            if (UnsentBytes > 0)
            {
                return;
            }

            int got = Receive(_area);
            if (got == WouldBlock)
            {
                return;
            }

            if (got <= 0 || !(round == 1 ? Send(_area.AsSpan(0, got)) : Post(_area.AsSpan(0, got))))
            {
                End(got);
                return;
            }
        }

        Loop.Defer(this);
    }

    private bool Shake()
    {
        TlsProgress progress = ShakeHands();
        switch (progress)
        {
            case TlsProgress.WantsMore:
                return false;
            case TlsProgress.Done:
                Facts = (Tls!.Version, Tls.IsResumed, Encoding.ASCII.GetString(Tls.Suite), Encoding.ASCII.GetString(Tls.ServerName));
                Subject = Encoding.ASCII.GetString(Tls.ClientSubject);
                Shaken.SetResult((progress, TlsFailure.None));
                return true;
            default:
                Shaken.SetResult((progress, Tls!.Failure));
                End(Broken);
                return false;
        }
    }

    private void End(int how)
    {
        WasToldOfTheEnd = Tls!.PeerSaidEnd;
        Ended.SetResult(how);
        Close();
    }
}
