using System.Globalization;

namespace Edge.Fleet;

/// <summary>The names that the balancer gives, and the order in which names are shown.</summary>
internal static class ReplicaNames
{
    /// <summary>With what the names of the default service's replicas begin.</summary>
    internal const string DefaultPrefix = "server_";

    /// <summary>The free names of a prefix, <c>server_1</c>, <c>server_2</c>, …, with the lowest numbers.</summary>
    /// <param name="count">How many are needed.</param>
    /// <param name="isTaken">Whether a name cannot be given.</param>
    /// <param name="prefix">With what they begin.</param>
    internal static List<string> LowestFree(int count, Func<string, bool> isTaken, string prefix = DefaultPrefix)
    {
        var names = new List<string>(count);
        for (int k = 1; names.Count < count; k++)
        {
            string name = prefix + k.ToString(CultureInfo.InvariantCulture);
            if (!isTaken(name))
            {
                names.Add(name);
            }
        }

        return names;
    }

    /// <summary>The SERVER_ID of a replica: the number of a name that the balancer gave, else the whole name.</summary>
    /// <param name="name">Of the replica.</param>
    /// <param name="prefix">With what the names begin that the balancer gives.</param>
    internal static string ServerId(string name, string prefix = DefaultPrefix)
    {
        string number = name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : "";
        return number.Length > 0 && number.All(char.IsAsciiDigit) ? number : name;
    }

    /// <summary>Compares runs of digits by their value, so that <c>server_2</c> comes before <c>server_10</c>; the rest by code.</summary>
    internal static int CompareNaturally(string a, string b)
    {
        int i = 0;
        int j = 0;
        while (i < a.Length && j < b.Length)
        {
            if (char.IsAsciiDigit(a[i]) && char.IsAsciiDigit(b[j]))
            {
                ReadOnlySpan<char> left = TakeDigits(a, ref i);
                ReadOnlySpan<char> right = TakeDigits(b, ref j);
                int byValue = left.Length != right.Length ? left.Length - right.Length : left.SequenceCompareTo(right);
                if (byValue != 0)
                {
                    return byValue;
                }

                continue;
            }

            if (a[i] != b[j])
            {
                return a[i] - b[j];
            }

            i++;
            j++;
        }

        // Names that differ only in leading zeros are equal up to here; two names must never be equal.
        int rest = (a.Length - i) - (b.Length - j);
        return rest != 0 ? rest : string.CompareOrdinal(a, b);
    }

    /// <summary>A run of digits without its leading zeros. It may be of any length, so it is compared as text.</summary>
    private static ReadOnlySpan<char> TakeDigits(string text, ref int at)
    {
        int start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text.AsSpan(start, at - start).TrimStart('0');
    }
}
