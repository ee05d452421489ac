using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Edge.Tests.Rules;

/// <summary>A file of C# as the rules see it.</summary>
/// <param name="Path">From the root of the checkout, with slashes.</param>
/// <param name="Text">As it is on the disk.</param>
internal sealed record SourceFile(string Path, string Text)
{
    private SyntaxTree? _tree;

    internal SyntaxTree Tree => _tree ??= CSharpSyntaxTree.ParseText(Text, ParseOptions, Path);

    internal SyntaxNode Root => Tree.GetRoot();

    internal string Project => Path.Split('/')[0];

    /// <summary>The folder below the project with all its parts, such as "Proxy/Exchange"; "" for files directly in the project.</summary>
    internal string Folder => Path.Split('/') is { Length: > 2 } parts ? string.Join('/', parts[1..^1]) : "";

    /// <summary>The first part of <see cref="Folder"/>.</summary>
    internal string TopFolder => Folder.Split('/')[0];

    /// <summary>The type that the file is named after: "Exchange" for Exchange.cs and for Exchange.Ends.cs.</summary>
    internal string Name => System.IO.Path.GetFileName(Path).Split('.')[0];

    internal string[] Lines => _lines ??= Text.EndsWith('\n') ? Text[..^1].Split('\n') : Text.Split('\n');

    private string[]? _lines;

    /// <summary>All types that it declares, nested ones too; a delegate is none of them that can be long.</summary>
    internal IReadOnlyList<DeclaredType> Types => _types ??= [.. DeclaredType.In(this)];

    private IReadOnlyList<DeclaredType>? _types;

    internal static CSharpParseOptions ParseOptions { get; } = new(LanguageVersion.CSharp14);
}
