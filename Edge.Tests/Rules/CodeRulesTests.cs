namespace Edge.Tests.Rules;

public class CodeRulesTests
{
    private static SourceFile[] In(string path, string code) => [MadeUp.File(path, code)];

    private static SourceFile[] Statement(string code, string path = "Edge/Fleet/A.cs") => In(path, $"class A {{ async Task F() {{ {code} }} }}");

    [Theory]
    [InlineData("Edge/Io/A.cs", "namespace Edge.Io;", true)]
    [InlineData("Edge/Io/Loop/A.cs", "namespace Edge.Io; class A;", true)]
    [InlineData("Edge/A.cs", "using X;\n\nnamespace Edge;", true)]
    [InlineData("Edge/Io/A.cs", "namespace Edge.Io { }", false)]
    [InlineData("Edge/Io/A.cs", "namespace Edge.Io\n{\n}", false)]
    [InlineData("Edge/Io/A.cs", "namespace Edge.Proxy;", false)]
    [InlineData("Edge/Io/A.cs", "// namespace Edge.Io;", false)]
    [InlineData("Edge/Io/A.cs", "", false)]
    public void Namespaces_are_checked(string path, string text, bool fine) => Assert.Equal(fine, !CodeRules.Namespaces(In(path, text)).Any());

    [Theory]
    [InlineData("global using System;", false)]
    [InlineData("using System; // global using System;", true)]
    public void Global_usings_are_found(string text, bool fine) => Assert.Equal(fine, !CodeRules.GlobalUsings(In("Edge/A.cs", text)).Any());

    [Theory]
    [InlineData("Thread.Sleep(1);", false)]
    [InlineData("System.Threading.Thread . Sleep(1);", false)]
    [InlineData("// Thread.Sleep(1);", true)]
    [InlineData("Thread.Yield();", true)]
    public void Sleeps_are_found(string text, bool fine) => Assert.Equal(fine, !CodeRules.Sleeps(Statement(text)).Any());

    [Theory]
    [InlineData("await Task.Delay(1);", false)]
    [InlineData("var x = \"Task.Delay\";", true)]
    [InlineData("await my.Delay(1);", true)]
    public void Delays_are_found(string text, bool fine) => Assert.Equal(fine, !CodeRules.Delays(Statement(text)).Any());

    [Theory]
    [InlineData("Io", "Console.WriteLine();", false)]
    [InlineData("Fleet/Model", "System.Console.Error.Write(1);", false)]
    [InlineData("Io", "my.Console.Write(1); // Console.Write", true)]
    [InlineData("Cli", "Console.WriteLine();", true)]
    [InlineData("Telemetry", "Console.WriteLine();", true)]
    [InlineData("BuiltInReplica", "Console.WriteLine();", true)]
    public void Use_of_the_console_is_found(string folder, string text, bool fine) =>
        Assert.Equal(fine, !CodeRules.Consoles(Statement(text, $"Edge/{folder}/A.cs")).Any());

    [Theory]
    [InlineData("Proxy/Http1", "unsafe class A;", false)]
    [InlineData("Proxy/Http1", "class A { void F() { unsafe { } } }", false)]
    [InlineData("Proxy/Http1", "class A { bool Unsafe; /* unsafe */ string X = \"unsafe\"; }", true)]
    [InlineData("Io/Net", "unsafe class A;", true)]
    public void What_is_unsafe_is_found(string folder, string text, bool fine) =>
        Assert.Equal(fine, !CodeRules.Unsafe(In($"Edge/{folder}/A.cs", text)).Any());

    [Theory]
    [InlineData("var x = Channel.CreateUnbounded<int>();", false)]
    [InlineData("var x = System.Threading.Channels.Channel.CreateUnbounded<int>(null);", false)]
    [InlineData("var x = Channel.CreateUnboundedPrioritized<int>();", false)]
    [InlineData("var x = Channel.CreateBounded<int>(8);", true)]
    public void Channels_without_a_bound_are_found(string text, bool fine) => Assert.Equal(fine, !CodeRules.UnboundedChannels(Statement(text)).Any());

    [Theory]
    [InlineData("var x = SHA256.HashData(y);", false)]
    [InlineData("var x = System.Security.Cryptography.RandomNumberGenerator.GetBytes(1);", false)]
    [InlineData("var x = new HMACSHA1();", false)]
    [InlineData("var x = Shape.Round; // SHA256", true)]
    public void What_needs_OpenSSL_is_found(string text, bool fine) => Assert.Equal(fine, !CodeRules.NeedsOpenSsl(Statement(text)).Any());

    [Theory]
    [InlineData("using Docker.DotNet;", false)]
    [InlineData("using Docker.DotNet.Models;", false)]
    [InlineData("class A { global::Docker.DotNet.IDockerClient X; }", false)]
    [InlineData("using Edge.Drivers; // Docker.DotNet", true)]
    public void The_client_library_of_Docker_is_found(string text, bool fine) => Assert.Equal(fine, !CodeRules.DockerLibrary(In("Edge/A.cs", text)).Any());
}
