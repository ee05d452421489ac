namespace Edge.Tests.Rules;

/// <summary>Holds what breaks a rule against the list of what may. Such a list only gets shorter, and its numbers smaller.</summary>
internal static class AllowList
{
    /// <returns>Sentences on what is not allowed, and on what is allowed and not needed; none where the two are the same.</returns>
    internal static IEnumerable<string> Check(IEnumerable<Finding> found, IReadOnlyCollection<Exempt> allowed)
    {
        Dictionary<string, Exempt> open = allowed.ToDictionary(e => e.What);
        foreach (Finding finding in found)
        {
            if (!open.Remove(finding.What, out Exempt exempt))
            {
                yield return finding.Sentence;
            }
            else if (finding.Size > exempt.Size)
            {
                yield return $"{finding.Sentence}; its exception is for {exempt.Size}";
            }
            else if (finding.Size < exempt.Size)
            {
                yield return $"{finding.What}: the exception is for {exempt.Size}, and {finding.Size} is enough by now";
            }
        }

        foreach (string what in open.Keys.Order(StringComparer.Ordinal))
        {
            yield return $"{what} needs no exception any more";
        }
    }
}
