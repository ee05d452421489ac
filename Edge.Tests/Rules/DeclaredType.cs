using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Edge.Tests.Rules;

/// <summary>A class, struct, record, interface, enum or delegate that a file declares.</summary>
/// <param name="Name">Without type parameters.</param>
/// <param name="Arity">How many type parameters it has.</param>
/// <param name="Nested">Whether another type holds it.</param>
/// <param name="FileLocal">Whether only its file sees it.</param>
internal readonly record struct DeclaredType(string Name, int Arity, bool Nested, bool FileLocal)
{
    internal static IEnumerable<DeclaredType> In(SourceFile file)
    {
        foreach (SyntaxNode node in file.Root.DescendantNodes(n => n is not (BaseMethodDeclarationSyntax or BasePropertyDeclarationSyntax)))
        {
            if (node is BaseTypeDeclarationSyntax type)
            {
                int arity = (type as TypeDeclarationSyntax)?.TypeParameterList?.Parameters.Count ?? 0;
                yield return new DeclaredType(type.Identifier.Text, arity, IsNested(type), type.Modifiers.Any(m => m.Text == "file"));
            }
            else if (node is DelegateDeclarationSyntax call)
            {
                int arity = call.TypeParameterList?.Parameters.Count ?? 0;
                yield return new DeclaredType(call.Identifier.Text, arity, IsNested(call), call.Modifiers.Any(m => m.Text == "file"));
            }
        }
    }

    private static bool IsNested(SyntaxNode declaration) => declaration.Parent is BaseTypeDeclarationSyntax;
}
