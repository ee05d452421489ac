namespace Edge.Tests.Rules;

/// <summary>Where a reader finds a type.</summary>
internal static class TypeRules
{
    /// <summary>One type a file, which has its name. A part of a type may say after a dot what it is: Exchange.Ends.cs.</summary>
    internal static IEnumerable<Finding> Files(IEnumerable<SourceFile> files) =>
        from file in files
        let types = file.Types.Where(t => !t.Nested).Select(t => t.Name).ToArray()
        where types is not [var only] || only != file.Name
        let declared = types.Length == 0 ? "no type" : string.Join(", ", types)
        select new Finding(file.Path, $"{file.Path} declares {declared}, not {file.Name} alone", types.Length);

    /// <summary>No two types have the same name, not even in different namespaces. The parts of a partial type are one type.</summary>
    internal static IEnumerable<Finding> Names(IEnumerable<SourceFile> files) =>
        from declared in files.SelectMany(f => f.Types.Where(t => !t.Nested).Select(t => (t.Name, t.Arity, File: f))).GroupBy(d => d.Name)
        where declared.Select(d => (d.File.Folder, d.File.Name, d.Arity)).Distinct().Count() > 1
        select new Finding(declared.Key, $"{declared.Key} is the name of several types: {string.Join(", ", declared.Select(d => d.File.Path))}");

    /// <returns>How many types there are that no other type holds, and how many of them have a file of their own with their name.</returns>
    internal static (int Types, int Own) InFilesOfTheirOwn(IReadOnlyList<SourceFile> files)
    {
        string[] broken = [.. Files(files).Select(f => f.What)];
        int types = files.SelectMany(f => f.Types.Where(t => !t.Nested).Select(t => (f.Folder, t.Name, t.Arity))).Distinct().Count();
        int own = files.Where(f => !broken.Contains(f.Path)).Select(f => (f.Folder, f.Name)).Distinct().Count();
        return (types, own);
    }
}
