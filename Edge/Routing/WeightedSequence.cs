namespace Edge.Routing;

/// <summary>
/// Smooth weighted round robin, computed ahead: one period of the order in which replicas are picked. Weights 5, 1, 1 give a a b a c a a; a plain
/// repetition would send five requests in a row to the first. The rule is nginx's: in each turn every candidate gains its weight, the richest is
/// picked and pays the sum of all.
/// </summary>
internal static class WeightedSequence
{
    /// <summary>
    /// Returns indices into <paramref name="weights"/>; each index i occurs weights[i] / gcd times. Ties go to the lower index.
    /// </summary>
    /// <param name="weights">Each at least 1; at most 65,536 of them.</param>
    internal static ushort[] Compile(ReadOnlySpan<int> weights)
    {
        if (weights.IsEmpty)
        {
            return [];
        }

        int divisor = weights[0];
        foreach (int weight in weights)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(weight, 1, nameof(weights));
            divisor = GreatestCommonDivisor(divisor, weight);
        }

        int total = 0;
        foreach (int weight in weights)
        {
            total += weight / divisor;
        }

        var sequence = new ushort[total];
        if (total == weights.Length)
        {
            for (int i = 0; i < total; i++)
            {
                sequence[i] = (ushort)i;
            }

            return sequence;
        }

        Fill(sequence, weights, divisor);
        return sequence;
    }

    private static void Fill(ushort[] sequence, ReadOnlySpan<int> weights, int divisor)
    {
        Span<int> credit = weights.Length <= 256 ? stackalloc int[weights.Length] : new int[weights.Length];
        credit.Clear();
        for (int turn = 0; turn < sequence.Length; turn++)
        {
            int richest = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                credit[i] += weights[i] / divisor;
                if (credit[i] > credit[richest])
                {
                    richest = i;
                }
            }

            credit[richest] -= sequence.Length;
            sequence[turn] = (ushort)richest;
        }
    }

    private static int GreatestCommonDivisor(int a, int b)
    {
        while (b != 0)
        {
            (a, b) = (b, a % b);
        }

        return a;
    }
}
