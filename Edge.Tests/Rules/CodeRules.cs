using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Edge.Tests.Rules;

/// <summary>What only some files may do, or none. Comments and strings are no code.</summary>
internal static class CodeRules
{
    private static readonly HashSet<string> s_mayUseConsole = ["", "Cli", "Hosting", "Telemetry", "BuiltInReplica"];

    /// <summary>One namespace a file, that of its project's folder: folders below the first are for readers.</summary>
    internal static IEnumerable<Finding> Namespaces(IEnumerable<SourceFile> files) =>
        from file in files
        let name = file.TopFolder.Length == 0 ? file.Project : $"{file.Project}.{file.TopFolder}"
        where file.Root.DescendantNodes(n => n is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax).OfType<BaseNamespaceDeclarationSyntax>().ToArray()
            is not [FileScopedNamespaceDeclarationSyntax one] || one.Name.ToString() != name
        select new Finding(file.Path, $"{file.Path} does not have the one namespace {name}, for the file");

    internal static IEnumerable<Finding> GlobalUsings(IEnumerable<SourceFile> files) =>
        files.Where(f => ((CompilationUnitSyntax)f.Root).Usings.Any(u => u.GlobalKeyword.IsKind(SyntaxKind.GlobalKeyword)))
            .Select(f => new Finding(f.Path, $"{f.Path} has a global using"));

    /// <summary>A thread that sleeps can do nothing else, and says nothing of what it waits for.</summary>
    internal static IEnumerable<Finding> Sleeps(IEnumerable<SourceFile> files) =>
        files.Where(f => Names(f, "Thread", "Sleep")).Select(f => new Finding(f.Path, $"{f.Path} sleeps"));

    internal static IEnumerable<Finding> Delays(IEnumerable<SourceFile> files) =>
        files.Where(f => Names(f, "Task", "Delay")).Select(f => new Finding(f.Path, $"{f.Path} waits for time to pass"));

    internal static IEnumerable<Finding> Consoles(IEnumerable<SourceFile> files) =>
        files.Where(f => !s_mayUseConsole.Contains(f.TopFolder) && f.Root.DescendantNodes().OfType<MemberAccessExpressionSyntax>()
                .Any(m => m.Expression is IdentifierNameSyntax { Identifier.Text: "Console" } || m.Expression.ToString() == "System.Console"))
            .Select(f => new Finding(f.Path, $"{f.Path} uses the console"));

    /// <summary>Pointers, and calls that need them, belong where the kernel is spoken to: Io.</summary>
    internal static IEnumerable<Finding> Unsafe(IEnumerable<SourceFile> files) =>
        files.Where(f => f.TopFolder != "Io" && f.Root.DescendantTokens().Any(t => t.IsKind(SyntaxKind.UnsafeKeyword)))
            .Select(f => new Finding(f.Path, $"{f.Path} is unsafe"));

    /// <summary>A channel without a bound grows for as long as its reader is slow.</summary>
    internal static IEnumerable<Finding> UnboundedChannels(IEnumerable<SourceFile> files) =>
        files.Where(f => Names(f, "Channel", "CreateUnbounded") || Names(f, "Channel", "CreateUnboundedPrioritized"))
            .Select(f => new Finding(f.Path, $"{f.Path} makes a channel without a bound"));

    /// <summary>A binary that is linked statically has no library of OpenSSL to open.</summary>
    internal static IEnumerable<Finding> NeedsOpenSsl(IEnumerable<SourceFile> files) =>
        files.Where(f => f.Root.DescendantNodes().OfType<IdentifierNameSyntax>().Any(n =>
                n.Identifier.Text is "MD5" or "Aes" or "RSA" or "ECDsa" or "RandomNumberGenerator"
                || n.Identifier.Text.StartsWith("HMAC", StringComparison.Ordinal)
                || (n.Identifier.Text.StartsWith("SHA", StringComparison.Ordinal) && n.Identifier.Text.AsSpan(3).ContainsAnyInRange('0', '9'))))
            .Select(f => new Finding(f.Path, $"{f.Path} needs OpenSSL"));

    /// <summary>The client library of Docker.</summary>
    internal static IEnumerable<Finding> DockerLibrary(IEnumerable<SourceFile> files) =>
        files.Where(f => f.Root.DescendantNodes().OfType<QualifiedNameSyntax>().Any(q => q.ToString() is "Docker.DotNet" or "global::Docker.DotNet"))
            .Select(f => new Finding(f.Path, $"{f.Path} sees the client library of Docker"));

    // Type.Member, with or without what is in front of the type; type arguments do not count.
    private static bool Names(SourceFile file, string type, string member) =>
        file.Root.DescendantNodes().OfType<MemberAccessExpressionSyntax>().Any(m => m.Name.Identifier.Text == member && LastOf(m.Expression) == type);

    private static string LastOf(ExpressionSyntax expression) => expression switch
    {
        SimpleNameSyntax name => name.Identifier.Text,
        MemberAccessExpressionSyntax access => access.Name.Identifier.Text,
        _ => "",
    };
}
