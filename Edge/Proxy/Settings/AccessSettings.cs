using Edge.Config;
using Edge.Io;

namespace Edge.Proxy;

/// <summary>What a service asks of its clients, in the form that a loop uses. Immutable.</summary>
internal sealed class AccessSettings
{
    private const long Nanoseconds = 1_000_000_000;

    private AccessSettings(AccessOptions options)
    {
        Allowed = options.Allow.Length == 0 ? null : new NetworkList(options.Networks());
        Users = [.. options.KnownUsers()];
        if (options.Rate > 0)
        {
            Interval = Nanoseconds / options.Rate;
            Tolerance = Interval * ((options.Burst == 0 ? options.Rate : options.Burst) - 1);
        }

        Challenge =
        [
            new("Content-Type", "application/json"),
            new("WWW-Authenticate", $"Basic realm=\"{options.Realm}\", charset=\"UTF-8\""),
        ];
    }

    /// <summary>Whose requests are taken; null for everybody's.</summary>
    internal NetworkList? Allowed { get; }

    /// <summary>Nanoseconds between two requests of one client in the long run; 0 for no limit.</summary>
    internal long Interval { get; }

    /// <summary>Nanoseconds that a client may be ahead of that.</summary>
    internal long Tolerance { get; }

    /// <summary>Those of whom a request has to be; none where anybody may ask.</summary>
    internal AccessUser[] Users { get; }

    /// <summary>The fields of an answer that asks for a user and a password.</summary>
    internal KeyValuePair<string, string>[] Challenge { get; }

    /// <summary>Those of a service; null where it asks for nothing.</summary>
    internal static AccessSettings? Of(AccessOptions options) => options is { Allow: [], Users: [], Rate: 0 } ? null : new AccessSettings(options);
}
