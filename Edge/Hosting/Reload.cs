using Edge.Config;
using Edge.Telemetry;

namespace Edge.Hosting;

/// <summary>
/// Reads the options again while the balancer runs. All of them take effect or none: after any mistake, or another value for a key that cannot
/// change, everything stays as it was.
/// </summary>
/// <param name="first">The options of the start, without mistakes.</param>
/// <param name="load">Reads the sources, given the options that hold.</param>
/// <param name="apply">Puts options into effect; they differ only in keys that can change.</param>
/// <param name="log">Gets one line for each reload.</param>
internal sealed class Reload(LoadedOptions first, Func<LoadedOptions, LoadedOptions> load, Action<EdgeOptions> apply, Log log)
{
    // Signals and calls come on threads of their own.
    private readonly Lock _one = new();
    private LoadedOptions _current = first;

    /// <summary>The present options.</summary>
    internal LoadedOptions Current => Volatile.Read(ref _current);

    /// <summary>A reload begins; the next <see cref="Done"/> says how it ended.</summary>
    internal event Action? Starting;

    /// <summary>How a reload ended: null if the options hold now, else why not; and the keys that changed.</summary>
    internal event Action<string?, string>? Done;

    /// <summary>Reads, checks, and applies or refuses. From any thread. Returns why it refuses, or null and the keys that changed.</summary>
    internal (string? Refusal, IReadOnlyList<string> Changed) Run()
    {
        lock (_one)
        {
            Starting?.Invoke();
            LoadedOptions next = load(_current);
            if (Refusal(next) is { } why)
            {
                log.Error("options_refused", ("why", why));
                Done?.Invoke(why, "");
                return (why, []);
            }

            string[] changed = [.. _current.ChangedIn(next).Select(entry => entry.Key), .. _current.ServicesChangedIn(next)];
            apply(next.Options!);
            Volatile.Write(ref _current, next);
            string names = changed.Length == 0 ? "nothing" : string.Join(',', changed);
            log.Info("options_reloaded", ("changed", names));
            Done?.Invoke(null, names);
            return (null, changed);
        }
    }

    private string? Refusal(LoadedOptions next)
    {
        if (next.Options is null)
        {
            return string.Join("; ", next.Mistakes);
        }

        string[] stuck = [.. _current.ChangedIn(next).Where(entry => !entry.IsReloadable).Select(entry => entry.Key), .. _current.ServicesStuckIn(next)];
        if (stuck.Length == 0)
        {
            return null;
        }

        // A takeover keeps all addresses.
        bool keepsAll = !_current.Options!.Endpoints().Except(next.Options.Endpoints()).Any();
        string way = keepsAll ? "a restart, or edge --takeover" : "a restart";
        return $"{string.Join(',', stuck)} cannot change while the balancer runs: that needs {way}";
    }
}
