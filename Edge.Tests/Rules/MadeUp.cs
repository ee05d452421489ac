namespace Edge.Tests.Rules;

/// <summary>Sources for the tests of the rules.</summary>
internal static class MadeUp
{
    internal static SourceFile File(string path, string code) => new(path, code);

    /// <summary>Two types in each of a few folders, in which the files of a case are put.</summary>
    internal static ReferenceGraph Graph(params SourceFile[] files) => ReferenceGraph.Of(
    [
        new("Edge/Program.cs", "namespace Edge; class Program { internal static string Version => \"\"; }"),
        new("Edge/Config/Limits.cs", "namespace Edge.Config; static class Limits { internal const int HeadBytes = 1; }"),
        new("Edge/Config/EdgeOptions.cs", "namespace Edge.Config; sealed record EdgeOptions;"),
        new("Edge/Io/Loop/EventLoop.cs", "namespace Edge.Io; class EventLoop { internal class Inner; }"),
        new("Edge/Proxy/Exchange/Exchange.cs", "namespace Edge.Proxy; readonly record struct Exchange(int X) { internal const int Y = 1; }"),
        new("Edge/Proxy/Http1/Reader.cs", "namespace Edge.Proxy; static class Reader { internal static int Twice(this int i) => 2 * i; }"),
        .. files,
    ]);

    internal static readonly FolderRule[] Rules =
    [
        new("Config"),
        new("Io/Loop", "Config.Limits"),
        new("Io/Net", "Io/Loop", "Config.Limits"),
        new("Proxy/Exchange", "Io/*"),
        new("Proxy/Http1", "Proxy/Exchange", "Io/*", "Config"),
        new("Hosting", "*"),
        new(".", "*"),
    ];
}
