namespace Edge.Tests.Rules;

/// <summary>Finds what reaches itself.</summary>
internal static class Cycles
{
    /// <summary>Strongly connected parts of more than one node (Tarjan), the largest first; each in order.</summary>
    internal static string[][] Of(IEnumerable<(string From, string To)> edges)
    {
        ILookup<string, string> next = edges.Distinct().Where(e => e.From != e.To).ToLookup(e => e.From, e => e.To);
        var index = new Dictionary<string, int>();
        var low = new Dictionary<string, int>();
        var open = new Stack<string>();
        var isOpen = new HashSet<string>();
        var found = new List<string[]>();
        foreach (string node in next.Select(g => g.Key).Order(StringComparer.Ordinal))
        {
            Visit(node);
        }

        return [.. found.OrderByDescending(c => c.Length).ThenBy(c => c[0], StringComparer.Ordinal)];

        void Visit(string node)
        {
            if (!index.TryAdd(node, index.Count))
            {
                return;
            }

            low[node] = index[node];
            open.Push(node);
            isOpen.Add(node);
            foreach (string other in next[node])
            {
                Visit(other);
                if (isOpen.Contains(other))
                {
                    low[node] = Math.Min(low[node], low[other]);
                }
            }

            if (low[node] == index[node])
            {
                var part = new List<string>();
                string last;
                do
                {
                    last = open.Pop();
                    isOpen.Remove(last);
                    part.Add(last);
                }
                while (last != node);

                if (part.Count > 1)
                {
                    found.Add([.. part.Order(StringComparer.Ordinal)]);
                }
            }
        }
    }
}
