using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Edge.Tests.Backends;
using Edge.Tests.Docker;
using Edge.Tests.Native;

namespace Edge.Tests.Packaging;

/// <summary>The Debian package as a file. Where dpkg-deb or lintian is missing, a test is skipped, but fails where CI is set.</summary>
public sealed class PackageTests(Package package) : IClassFixture<Package>
{
    private static readonly string s_publish = Path.Combine(Repository.Root, "publish.sh");

    [Fact]
    public async Task Made_again_it_has_the_same_bytes()
    {
        Require("dpkg-deb");
        string first = await package.PathAsync();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("edge-package-again-");
        string second = await Package.MakeAsync(folder.FullName);
        Assert.Equal(Path.GetFileName(first), Path.GetFileName(second));
        Assert.Equal(Hash(first), Hash(second));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Lintian_has_no_error_and_no_warning_to_report()
    {
        Require("lintian");
        string path = await package.PathAsync();
        (int exitCode, string output, string errors) = await Command.TryAsync("lintian", ["--allow-root", "--fail-on", "error,warning", path]);
        Assert.True(exitCode == 0 && output.Length == 0, $"lintian ended with {exitCode}:\n{output}{errors}");
    }

    [Fact]
    public async Task A_binary_of_another_processor_does_not_get_into_a_package_of_this_one()
    {
        Require("dpkg-deb");
        string other = Arm64(), folder = Directory.CreateTempSubdirectory("edge-package-other-").FullName;
        (int exitCode, _, string errors) = await Command.TryAsync(s_publish, ["--platform", "linux-x64", "--deb", "--binary", other, "--output", folder]);
        Assert.Equal(1, exitCode);
        Assert.Contains("is not for linux-x64", errors);
        Assert.Empty(Directory.GetFiles(folder));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task The_package_of_another_processor_is_made_here_with_all_that_its_binary_has_to_say()
    {
        Require("dpkg-deb");
        string other = Arm64(), folder = Directory.CreateTempSubdirectory("edge-package-other-").FullName;
        await Command.RunAsync(s_publish, ["--platform", "linux-arm64", "--deb", "--binary", other, "--output", folder]);
        string made = Assert.Single(Directory.GetFiles(folder, "edge_*_arm64.deb"));
        Assert.Equal("arm64", await Command.RunAsync("dpkg-deb", ["--field", made, "Architecture"]));
        string files = Path.Combine(folder, "files");
        await Command.RunAsync("dpkg-deb", ["--extract", made, files]);
        Assert.Contains("complete", File.ReadAllText(Path.Combine(files, "usr/share/bash-completion/completions/edge")));
        Directory.Delete(folder, recursive: true);
    }

    private static string Hash(string file) => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(file)));

    private static string Arm64()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "Here it is this processor's own binary.");
        return Path.GetFullPath(NativeEdge.Published("EDGE_ARM64"));
    }

    private static void Require(string program)
    {
        if (Command.Find(program) is null)
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null, $"CI has to have {program}.");
            Assert.Skip($"{program} is not installed; ./test.sh installs it.");
        }
    }
}
