using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace Edge.Tests.Rules;

/// <summary>What a reader sees at once.</summary>
internal static class LengthRules
{
    internal const int FileLinesAtMost = 400;

    internal const int FunctionLinesAtMost = 70;

    internal const int ColumnsAtMost = 160;

    internal static IEnumerable<Finding> Files(IEnumerable<SourceFile> files) =>
        files.Where(f => f.Lines.Length > FileLinesAtMost).Select(f => new Finding(f.Path, $"{f.Path} has {f.Lines.Length} lines", f.Lines.Length));

    internal static IEnumerable<Finding> Lines(IEnumerable<SourceFile> files) =>
        from file in files
        let wide = file.Lines.Index().Where(l => l.Item.Length > ColumnsAtMost).Select(l => l.Index + 1).ToArray()
        where wide.Length > 0
        select new Finding(file.Path, $"{file.Path} has {wide.Length} lines of more than {ColumnsAtMost} columns: {string.Join(", ", wide)}", wide.Length);

    internal static IEnumerable<Finding> Functions(IEnumerable<SourceFile> files) =>
        from function in files.SelectMany(FunctionsOf)
        where function.Size > FunctionLinesAtMost
        select function;

    /// <returns>
    /// Methods, constructors, properties, operators and local functions, with what is inside them, from the signature to the end. A property
    /// that is a list of values is none.
    /// </returns>
    internal static IEnumerable<Finding> FunctionsOf(SourceFile file)
    {
        foreach (SyntaxNode node in file.Root.DescendantNodes())
        {
            (string? name, SyntaxList<AttributeListSyntax> attributes) = node switch
            {
                MethodDeclarationSyntax method => (method.Identifier.Text, method.AttributeLists),
                LocalFunctionStatementSyntax local => (local.Identifier.Text, local.AttributeLists),
                ConstructorDeclarationSyntax constructor => (constructor.Identifier.Text, constructor.AttributeLists),
                BaseMethodDeclarationSyntax other => (other is OperatorDeclarationSyntax ? "operator" : other.Kind().ToString(), other.AttributeLists),
                PropertyDeclarationSyntax { Initializer: not null } or PropertyDeclarationSyntax { ExpressionBody.Expression: CollectionExpressionSyntax } =>
                    (null, default),
                PropertyDeclarationSyntax property => (property.Identifier.Text, property.AttributeLists),
                IndexerDeclarationSyntax indexer => ("this[]", indexer.AttributeLists),
                _ => (null, default),
            };
            if (name is not null)
            {
                int lines = LinesOf(file, node, attributes);
                yield return new Finding($"{file.Path} {name}", $"{file.Path}: {name} has {lines} lines", lines);
            }
        }
    }

    private static int LinesOf(SourceFile file, SyntaxNode node, SyntaxList<AttributeListSyntax> attributes)
    {
        int from = attributes.Count > 0 ? attributes.Last().GetLastToken().GetNextToken().SpanStart : node.SpanStart;
        LinePositionSpan lines = file.Tree.GetLineSpan(TextSpan.FromBounds(from, node.Span.End)).Span;
        return lines.End.Line - lines.Start.Line + 1;
    }
}
