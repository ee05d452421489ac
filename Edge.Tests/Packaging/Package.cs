using Edge.Tests.Backends;
using Edge.Tests.Docker;
using Edge.Tests.Native;

namespace Edge.Tests.Packaging;

/// <summary>The Debian package of the published binary, made once for all tests of a class.</summary>
public sealed class Package : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-package-");
    private Task<string>? _made;

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Its path.</summary>
    internal Task<string> PathAsync() => _made ??= MakeAsync(_folder.FullName);

    /// <summary>Makes it in a folder; returns its path.</summary>
    internal static async Task<string> MakeAsync(string folder)
    {
        string said = await Command.RunAsync(
            Path.Combine(Repository.Root, "publish.sh"), ["--deb", "--binary", Path.GetFullPath(NativeEdge.Binary), "--output", folder]);
        string path = Assert.Single(Directory.GetFiles(folder, "edge_*.deb"));
        Assert.Contains($"package:    {path}", said);
        return path;
    }
}
