namespace Edge.Config;

/// <summary>A path of a service that has moved: requests for it, and for all below it, are sent to another one.</summary>
internal sealed record RedirectOptions
{
    /// <summary>The longest <see cref="To"/>.</summary>
    private const int ToChars = 1024;

    /// <summary>See <see cref="OptionValues.ParsePath"/>.</summary>
    public string From { get; set; } = "";

    /// <summary>See <see cref="IsTo"/>.</summary>
    public string To { get; set; } = "";

    /// <summary>The parsed <see cref="From"/>: empty for all paths.</summary>
    internal string Path() => OptionValues.ParsePath(From)!;

    /// <summary>A path that begins with one slash, or http:// or https:// with a host and, if wanted, a port and a path; without query and fragment.</summary>
    internal static bool IsTo(string text)
    {
        string path = text;
        if (!text.StartsWith('/'))
        {
            int host = text.StartsWith("https://", StringComparison.Ordinal) ? 8 : text.StartsWith("http://", StringComparison.Ordinal) ? 7 : text.Length;
            int end = text.IndexOf('/', host);
            string authority = end < 0 ? text[host..] : text[host..end];
            path = end < 0 ? "/" : text[end..];
            if (!OptionValues.IsHostField(authority))
            {
                return false;
            }
        }

        return text.Length <= ToChars && OptionValues.IsPath(path) && !text.StartsWith("//", StringComparison.Ordinal)
            && path.AsSpan().IndexOfAny("?\\\"<>") < 0;
    }

    /// <summary>Checks values that depend on each other.</summary>
    /// <param name="all">Of one service; each text has been checked by itself.</param>
    /// <param name="section">The key that its sections are below: <c>Edge</c> for the default service.</param>
    /// <param name="mistakes">Gets what is wrong.</param>
    internal static void CheckTogether(RedirectOptions[] all, string section, List<OptionMistake> mistakes)
    {
        string key = $"{section}:Answers:Redirects";
        if (all.Length > Limits.Redirects)
        {
            mistakes.Add(new(key, $"{all.Length} redirects", $"allowed are {Limits.Redirects}"));
            return;
        }

        for (int i = 0; i < all.Length; i++)
        {
            RedirectOptions one = all[i];
            if (one.From.Length == 0 || one.To.Length == 0)
            {
                string missing = one.From.Length == 0 ? "From" : "To";
                mistakes.Add(new($"{key}:{i}:{missing}", "", "each redirect has a path that it is from, and one or an address to go to"));
                return;
            }

            if (Array.FindIndex(all, other => other.From.Length > 0 && other.Path() == one.Path()) < i)
            {
                mistakes.Add(new($"{key}:{i}:From", one.From, "another redirect is from there already"));
            }
        }

        for (int i = 0; i < all.Length; i++)
        {
            if (IsCircle(all, all[i].To))
            {
                mistakes.Add(new($"{key}:{i}:To", all[i].To, "redirects lead on from there without end"));
            }
        }
    }

    // A client that follows them ends within as many steps as there are, or never does. What leads to an address is not followed.
    private static bool IsCircle(RedirectOptions[] all, string path)
    {
        for (int steps = 0; steps <= all.Length; steps++)
        {
            string at = path.TrimEnd('/') + "/";
            RedirectOptions? next = all.Where(one => at.StartsWith(one.Path() + "/", StringComparison.Ordinal)).MaxBy(one => one.Path().Length);
            if (!path.StartsWith('/') || next is null)
            {
                return false;
            }

            path = next.To.TrimEnd('/') + path[Math.Min(path.Length, next.Path().Length)..];
        }

        return true;
    }
}
