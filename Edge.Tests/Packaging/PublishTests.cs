using System.Security.Cryptography;
using Edge.Tests.Backends;
using Edge.Tests.Docker;
using Edge.Tests.Native;

namespace Edge.Tests.Packaging;

/// <summary>What publish.sh makes of the sources elsewhere. It takes all processors for minutes, so nothing else runs beside it.</summary>
[Collection(nameof(Alone))]
public sealed class PublishTests : IDisposable
{
    // What the build stage of Dockerfile.aot gets of the sources, too.
    private static readonly string[] s_sources =
    [
        ".editorconfig", "Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "Edge", "global.json", "publish.sh", "scripts",
    ];

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-publish-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Where_gcc_is_and_clang_is_not_it_installs_clang_and_another_folder_makes_the_same_bytes()
    {
        string published = NativeEdge.Binary;
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root installs what is missing.");
        string sources = Path.Combine(_folder.FullName, "in", "another", "folder");
        string path = Path.Combine(_folder.FullName, "path"), log = Path.Combine(_folder.FullName, "apt");
        await CopySourcesAsync(sources);
        Directory.CreateDirectory(path);
        foreach (string program in Programs())
        {
            File.CreateSymbolicLink(Path.Combine(path, Path.GetFileName(program)), program);
        }

        Assert.True(File.Exists(Path.Combine(path, "gcc")), "gcc, which this is about, is not installed");
        await InstallerAsync(path, log);
        (int exitCode, string output, string errors) = await Command.TryAsync(
            Path.Combine(sources, "publish.sh"), [], new Dictionary<string, string> { ["PATH"] = path }, TimeSpan.FromMinutes(15));
        Assert.True(exitCode == 0, output + errors);
        Assert.Equal(["clang", "lld"], File.ReadLines(log).Order());
        string made = Path.Combine(sources, "dist", "edge");
        string differs = $"{made} is not what EDGE_NATIVE names ({published}), which ./publish.sh has to have made of these sources";
        Assert.True(Hash(made) == Hash(published), $"{differs}:\n{output}");
    }

    private static string Hash(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));

    /// <summary>All programs that a user finds, but those of LLVM.</summary>
    private static IEnumerable<string> Programs() =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/sbin:/sbin".Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Where(Directory.Exists).SelectMany(Directory.GetFiles)
            .Where(file => !IsExcluded(Path.GetFileName(file))).DistinctBy(Path.GetFileName);

    private static bool IsExcluded(string name) =>
        name == "apt-get" || name.StartsWith("clang", StringComparison.Ordinal) || name.Contains("lld", StringComparison.Ordinal);

    /// <summary>In the place of apt-get, without a network: what a package has is there when it has been asked for, and not before.</summary>
    private static async Task InstallerAsync(string path, string log)
    {
        string script = Path.Combine(path, "apt-get");
        await File.WriteAllTextAsync(script, $"""
            #!/bin/sh
            for word; do
                case $word in
                    clang) ln -s {Command.Find("clang")} {path}/clang && echo clang >>{log} ;;
                    lld) ln -s {Command.Find("ld.lld")} {path}/ld.lld && echo lld >>{log} ;;
                    -* | update | install) ;;
                    *) echo "$word" >>{log} ;;
                esac
            done
            """);
        await Command.RunAsync("chmod", ["+x", script]);
    }

    private static async Task CopySourcesAsync(string to)
    {
        Directory.CreateDirectory(to);
        const string Copy = "tar -C \"$0\" --exclude=bin --exclude=obj -cf - \"$@\" | tar -C \"$TO\" -xf -";
        await Command.RunAsync("sh", ["-c", Copy, Repository.Root, .. s_sources], new Dictionary<string, string> { ["TO"] = to });

        // The program says of which commit it is: the copy is at the same one, without its history.
        (int exitCode, string commit, _) = await Command.TryAsync("git", ["-C", Repository.Root, "rev-parse", "HEAD"]);
        if (exitCode == 0)
        {
            await Command.RunAsync("git", ["init", "--quiet", to]);
            await File.WriteAllTextAsync(Path.Combine(to, ".git", "HEAD"), commit, TestContext.Current.CancellationToken);
        }
    }
}
