using Edge.Config;

namespace Edge.Drivers;

/// <summary>
/// The settings of a new container that is not made like another one. For settings that are left out, the defaults of <c>docker run</c> hold.
/// </summary>
internal sealed class ContainerSettings
{
    /// <summary>Name, tag, digest or id.</summary>
    internal required string Image { get; init; }

    /// <summary>The id that the image must have; null for any image with the name.</summary>
    internal string? ImageId { get; init; }

    /// <summary>Empty for the image's entry point.</summary>
    internal IReadOnlyList<string> EntryPoint { get; init; } = [];

    /// <summary>Arguments of the entry point; empty for the image's.</summary>
    internal IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>NAME=value, in addition to the image's.</summary>
    internal IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>In addition to the image's.</summary>
    internal IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The user of its programs; empty for the image's.</summary>
    internal string User { get; init; } = "";

    /// <summary>The mounts.</summary>
    internal IReadOnlyList<VolumeMount> Volumes { get; init; } = [];

    /// <summary>Networks in addition to the fleet's, and aliases on all of them.</summary>
    internal IReadOnlyList<NetworkAlias> Networks { get; init; } = [];

    /// <summary>How long it may take to end; null for the engine's own 10 s. In whole seconds, rounded up.</summary>
    internal TimeSpan? StopTimeout { get; init; }

    /// <summary>0 for no limit.</summary>
    internal long MemoryBytes { get; init; }

    /// <summary>Billionths of a processor; 0 for no limit.</summary>
    internal long NanoCpus { get; init; }

    /// <summary>Processes and threads; 0 for no limit.</summary>
    internal long Processes { get; init; }

    /// <summary>Whether the root file system is read-only, except /tmp, /run and volumes.</summary>
    internal bool IsReadOnly { get; init; }

    /// <summary>Whether no program gains privileges when it is executed.</summary>
    internal bool NoNewPrivileges { get; init; }

    /// <summary>The capabilities that are kept, all others are dropped; null for the engine's own set.</summary>
    internal IReadOnlyList<string>? KeptCapabilities { get; init; }

    /// <summary>Whether the image's HEALTHCHECK counts.</summary>
    internal bool HasHealthcheck { get; init; } = true;
}
