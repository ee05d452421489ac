namespace Edge.Tests.Rules;

/// <summary>Reads the sources of a checkout.</summary>
internal static class SourceTree
{
    /// <param name="root">Folder of the checkout.</param>
    /// <param name="project">Folder of a project in it, such as "Edge".</param>
    /// <returns>All files of C# below it but those that the build makes, in the order of their paths.</returns>
    internal static SourceFile[] Read(string root, string project) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(root, project), "*.cs", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(root, f))
            .Where(f => !f.Split('/').Any(folder => folder is "bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(f => new SourceFile(f, File.ReadAllText(Path.Combine(root, f)))),
    ];
}
