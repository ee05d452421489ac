namespace Edge.Tests.Rules;

/// <summary>One file knows a type of another.</summary>
/// <param name="From">The file that knows.</param>
/// <param name="To">The file that declares the type.</param>
/// <param name="Type">Name of the type; of the outermost one where types are nested.</param>
internal readonly record struct Reference(SourceFile From, SourceFile To, string Type);
