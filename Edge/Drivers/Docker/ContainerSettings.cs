using Edge.Config;

namespace Edge.Drivers;

/// <summary>What a new container is made of that is like none that is there. What is left out is as <c>docker run</c> would have it.</summary>
internal sealed class ContainerSettings
{
    /// <summary>Name, tag, digest or id.</summary>
    internal required string Image { get; init; }

    /// <summary>The id that the image has to have; null for whichever has its name.</summary>
    internal string? ImageId { get; init; }

    /// <summary>Empty for the image's own.</summary>
    internal IReadOnlyList<string> EntryPoint { get; init; } = [];

    /// <summary>Arguments of the entry point; empty for the image's own.</summary>
    internal IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>NAME=value, beside the image's own.</summary>
    internal IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Beside the image's own.</summary>
    internal IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Whom its programs run as; empty for the image's own.</summary>
    internal string User { get; init; } = "";

    /// <summary>What is mounted into it.</summary>
    internal IReadOnlyList<VolumeMount> Volumes { get; init; } = [];

    /// <summary>More networks beside the fleet's, and aliases on them all.</summary>
    internal IReadOnlyList<NetworkAlias> Networks { get; init; } = [];

    /// <summary>How long it may take to end; null for the engine's own 10 s. Counted in whole seconds, and rounded up.</summary>
    internal TimeSpan? StopTimeout { get; init; }

    /// <summary>0 for no limit.</summary>
    internal long MemoryBytes { get; init; }

    /// <summary>Billionths of a processor; 0 for no limit.</summary>
    internal long NanoCpus { get; init; }

    /// <summary>Processes and threads; 0 for no limit.</summary>
    internal long Processes { get; init; }

    /// <summary>Whether the root file system is read-only, but for /tmp, /run and volumes.</summary>
    internal bool IsReadOnly { get; init; }

    /// <summary>Whether executing a file can't gain privileges.</summary>
    internal bool NoNewPrivileges { get; init; }

    /// <summary>All other capabilities are dropped; null for the engine's own set.</summary>
    internal IReadOnlyList<string>? KeptCapabilities { get; init; }

    /// <summary>Whether the image's HEALTHCHECK counts.</summary>
    internal bool HasHealthcheck { get; init; } = true;
}
