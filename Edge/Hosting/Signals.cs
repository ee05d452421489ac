using System.Runtime.InteropServices;

namespace Edge.Hosting;

/// <summary>The signals that the balancer answers (signal(7)), until this is disposed.</summary>
internal sealed class Signals : IDisposable
{
    /// <summary>SIGUSR2; it has the same number on every processor that Edge runs on.</summary>
    private const PosixSignal UserSignal2 = (PosixSignal)12;

    private readonly PosixSignalRegistration[] _registrations;

    /// <param name="end">
    /// For SIGTERM and SIGINT. If it returns false, because the end has begun already, the process ends at once: a second signal hurries it.
    /// </param>
    /// <param name="reload">For SIGHUP.</param>
    /// <param name="succeed">For SIGUSR2: starts the program anew, to take the place of this process.</param>
    internal Signals(Func<bool> end, Action reload, Action succeed) => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = end()),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = end()),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal => Answer(signal, reload)),
        PosixSignalRegistration.Create(UserSignal2, signal => Answer(signal, succeed)),
    ];

    public void Dispose() => Array.ForEach(_registrations, registration => registration.Dispose());

    // Cancelled first: what the signal would do by itself is to end the process.
    private static void Answer(PosixSignalContext signal, Action action)
    {
        signal.Cancel = true;
        action();
    }
}
