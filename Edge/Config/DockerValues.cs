using System.Buffers;

namespace Edge.Config;

/// <summary>Reads the texts of the options for new containers. Each method returns null, or false, for a text that is not allowed.</summary>
internal static class DockerValues
{
    /// <summary>As the only value of Edge:Docker:KeepCapabilities: a container keeps no capability.</summary>
    internal const string NoCapabilities = "NONE";

    private const int VolumeNameChars = 255;

    private static readonly SearchValues<char> NameChars =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._");

    /// <summary>name:/path, /host/path:/path, both also with :ro and the like, or /path for an anonymous volume.</summary>
    internal static VolumeMount? ParseVolume(string text)
    {
        string[] parts = text.Split(':');
        VolumeMount? volume = parts switch
        {
            [var target] => new VolumeMount(null, target, ""),
            [var source, var target] when IsSource(source) => new VolumeMount(source, target, ""),
            [var source, var target, var modes] when IsSource(source) && AreModes(modes) => new VolumeMount(source, target, modes),
            _ => null,
        };
        return volume is { Target: var path } && IsAbsolute(path) && path != "/" ? volume : null;
    }

    /// <summary>name, or name=alias. A container on one network cannot also join the host's own network, or none.</summary>
    internal static NetworkAlias? ParseNetwork(string text)
    {
        string[] parts = text.Split('=');
        return parts.Length <= 2 && parts.All(OptionValues.IsName) && parts[0] is not ("host" or "none")
            ? new NetworkAlias(parts[0], parts.Length == 2 ? parts[1] : null)
            : null;
    }

    /// <summary>user, or user:group, each a name or a number of the image.</summary>
    internal static bool IsUser(string text) =>
        text.Length == 0 || (text.Count(c => c == ':') <= 1 && text[0] != ':' && text[^1] != ':' && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)));

    /// <summary>NAME=value. The label may not be one of the balancer's or of Compose's own.</summary>
    internal static bool IsLabel(string text) =>
        text.IndexOf('=', StringComparison.Ordinal) > 0
        && !text.StartsWith("edge.", StringComparison.Ordinal)
        && !text.StartsWith("com.docker.compose.", StringComparison.Ordinal);

    /// <summary>Checks values that depend on each other.</summary>
    internal static void CheckTogether(DockerOptions options, List<OptionMistake> mistakes)
    {
        if (options.KeepCapabilities.Contains(NoCapabilities) && options.KeepCapabilities.Length > 1)
        {
            string given = string.Join(", ", options.KeepCapabilities);
            mistakes.Add(new("Edge:Docker:KeepCapabilities", given, $"allowed is {NoCapabilities} alone, or capabilities without it"));
        }

        var targets = new HashSet<string>(StringComparer.Ordinal);
        foreach (VolumeMount volume in options.Mounts())
        {
            string target = volume.Target.TrimEnd('/');
            if (!targets.Add(target))
            {
                mistakes.Add(new("Edge:Docker:Volumes", target, "allowed is one volume at each path"));
            }
        }
    }

    private static bool IsSource(string text) => IsVolumeName(text) || IsAbsolute(text);

    private static bool AreModes(string text) => text.Split(',').All(mode => mode is "ro" or "rw" or "z" or "Z");

    private static bool IsVolumeName(string text) =>
        text.Length is > 1 and <= VolumeNameChars && char.IsAsciiLetterOrDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(NameChars);

    private static bool IsAbsolute(string text) => text.StartsWith('/') && !text.Any(char.IsControl);
}
