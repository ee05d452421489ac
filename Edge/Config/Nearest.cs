namespace Edge.Config;

/// <summary>Finds the word that was probably meant by a mistyped one.</summary>
internal static class Nearest
{
    // Longer words are not mistyped; this bounds the work.
    private const int CharsAtMost = 100;

    /// <summary>
    /// The candidate that needs the fewest changes of a letter (one more, one less, another one, two neighbours swapped), in any case. Null if more
    /// than one in three letters would change, because then the word is another one and not a mistyped one.
    /// </summary>
    internal static string? Of(string word, IEnumerable<string> candidates)
    {
        string? nearest = null;
        int least = int.MaxValue;
        foreach (string candidate in candidates)
        {
            int longer = Math.Max(word.Length, candidate.Length);
            int changes = longer > CharsAtMost ? int.MaxValue : Changes(word.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (changes < least && changes <= Math.Max(1, longer / 3))
            {
                (nearest, least) = (candidate, changes);
            }
        }

        return nearest;
    }

    // Optimal string alignment: the table of Levenshtein, with swaps.
    private static int Changes(string from, string to)
    {
        int[,] changes = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                changes[i, j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    Math.Min(changes[i - 1, j], changes[i, j - 1]) + 1,
                    changes[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                {
                    changes[i, j] = Math.Min(changes[i, j], changes[i - 2, j - 2] + 1);
                }
            }
        }

        return changes[from.Length, to.Length];
    }
}
