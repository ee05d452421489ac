namespace Edge.Tests.Rules;

/// <summary>What the files of one folder may know besides each other.</summary>
/// <param name="Folder">Below Edge/, with slashes; "." for the files directly in Edge/. Folders below it have rules of their own.</param>
/// <param name="MayKnow">
/// Names of folders: "Http" is the files directly in it, "Io/*" all below it as well, "*" every folder; "Config.Limits" is one type of a folder.
/// </param>
internal sealed record FolderRule(string Folder, params string[] MayKnow)
{
    internal bool Allows(string folder, string type) => MayKnow.Any(m => Matches(m, folder, type));

    internal static bool Matches(string pattern, string folder, string type) =>
        pattern == folder || pattern == $"{folder}.{type}"
        || (pattern == "*" && folder != ".")
        || (pattern.EndsWith("/*", StringComparison.Ordinal) && (folder == pattern[..^2] || folder.StartsWith(pattern[..^1], StringComparison.Ordinal)));
}
