// Prints the sources of one or more checkouts in figures, a column each. scripts/map.sh builds and starts it.
using Edge.Tests.Rules;

if (args.Length == 0 || !args.All(a => Directory.Exists(Path.Combine(a, "Edge")) && Directory.Exists(Path.Combine(a, "Edge.Tests"))))
{
    Console.Error.WriteLine("usage: scripts/map.sh [CHECKOUT]…    each a folder that has Edge/ and Edge.Tests/; without any, this one");
    return 64;
}

(string What, string HowMuch)[][] maps = [.. args.Select(a => CodeMap.Of(Path.GetFullPath(a)).ToArray())];
Console.WriteLine($"| | {string.Join(" | ", args)} |");
Console.WriteLine($"|---|{string.Concat(Enumerable.Repeat("---|", args.Length))}");
for (int i = 0; i < maps[0].Length; i++)
{
    Console.WriteLine($"| {maps[0][i].What} | {string.Join(" | ", maps.Select(m => m[i].HowMuch))} |");
}

return 0;
