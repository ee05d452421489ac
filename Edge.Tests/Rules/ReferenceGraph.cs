using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Edge.Tests.Rules;

/// <summary>
/// Which file knows which types of which other file, by the compiler's own understanding of the sources. What source generators would
/// add is not there: names of generated members stay unresolved, those of types are not affected.
/// </summary>
internal sealed class ReferenceGraph
{
    // As ImplicitUsings of the SDK.
    private const string GlobalUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;
        global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;
        """;

    // What this process runs with: the framework, and the packages that the sources need.
    private static readonly MetadataReference[] s_libraries =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(':')
            .Where(f => Path.GetFileNameWithoutExtension(f) is not ("edge" or "Edge.Tests"))
            .Select(f => MetadataReference.CreateFromFile(f)),
    ];

    private readonly Dictionary<SyntaxTree, SourceFile> _files;
    private readonly CSharpCompilation _compilation;

    // Of all types that are declared. The compiler is asked about these alone: what else a name may be is dear to find out.
    private readonly HashSet<string> _names;

    private ReferenceGraph(IReadOnlyList<SourceFile> files)
    {
        Files = files;
        _files = files.ToDictionary(f => f.Tree);
        _compilation = CSharpCompilation.Create("Sources", [CSharpSyntaxTree.ParseText(GlobalUsings, SourceFile.ParseOptions), .. _files.Keys], s_libraries,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        _names = [.. files.SelectMany(f => f.Types).Select(t => t.Name)];
        (Reference[] References, string[] NotUnderstood)[] all = [.. files.AsParallel().AsOrdered().Select(Read)];
        References = [.. all.SelectMany(a => a.References)];
        NotUnderstood = [.. all.SelectMany(a => a.NotUnderstood)];
    }

    internal IReadOnlyList<SourceFile> Files { get; }


    /// <summary>Each once.</summary>
    internal IReadOnlyList<Reference> References { get; }

    /// <summary>Names of these types that the compiler could not relate to anything, as file and line.</summary>
    internal IReadOnlyList<string> NotUnderstood { get; }

    internal static ReferenceGraph Of(IReadOnlyList<SourceFile> files) => new(files);

    private (Reference[] References, string[] NotUnderstood) Read(SourceFile file)
    {
        SemanticModel model = _compilation.GetSemanticModel(file.Tree);
        var references = new HashSet<Reference>(Parts(file));
        var notUnderstood = new List<string>();
        foreach (SimpleNameSyntax name in file.Root.DescendantNodes().OfType<SimpleNameSyntax>().Where(n => _names.Contains(n.Identifier.Text)))
        {
            SymbolInfo info = model.GetSymbolInfo(name);
            ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
            if (TypeOf(symbol) is { } type && FileOf(type) is { } to && to != file)
            {
                references.Add(new Reference(file, to, type.Name));
            }

            // Behind a dot it may be a member that a source generator adds, and in front of = it is a new name.
            bool behindDot = name.Parent is MemberBindingExpressionSyntax || (name.Parent is MemberAccessExpressionSyntax access && access.Name == name);
            if (symbol is null && !behindDot && name.Parent is not NameEqualsSyntax)
            {
                notUnderstood.Add($"{file.Path}({name.GetLocation().GetLineSpan().StartLinePosition.Line + 1}): {name}");
            }
        }

        return ([.. references], [.. notUnderstood]);
    }

    // The parts of one type know each other.
    private IEnumerable<Reference> Parts(SourceFile file) =>
        from type in file.Root.DescendantNodes(n => n is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax).OfType<BaseTypeDeclarationSyntax>()
        let symbol = _compilation.GetSemanticModel(file.Tree).GetDeclaredSymbol(type)
        where symbol is not null && symbol.DeclaringSyntaxReferences.Length > 1
        from part in symbol.DeclaringSyntaxReferences
        let other = _files[part.SyntaxTree]
        where other != file
        select new Reference(file, other, symbol.Name);

    private static INamedTypeSymbol? TypeOf(ISymbol? symbol)
    {
        var type = symbol switch
        {
            INamedTypeSymbol named => named,
            IMethodSymbol { MethodKind: MethodKind.Constructor } => symbol.ContainingType,
            _ => null,
        };
        while (type?.ContainingType is { } outer)
        {
            type = outer;
        }

        return type?.OriginalDefinition;
    }

    // Of a type in several files, the one that has its name alone.
    private SourceFile? FileOf(INamedTypeSymbol type)
    {
        SourceFile? best = null;
        foreach (SyntaxReference declaration in type.DeclaringSyntaxReferences)
        {
            if (_files.TryGetValue(declaration.SyntaxTree, out SourceFile? file) && (best is null || file.Path.Length < best.Path.Length))
            {
                best = file;
            }
        }

        return best;
    }
}
