namespace Edge.Simulate;

/// <summary>Random numbers that are the same on each machine: xoshiro256** (Blackman and Vigna, 2018), seeded by SplitMix64.</summary>
internal struct Chance
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;

    /// <param name="seed">Another one for each thing that is to be independent.</param>
    internal Chance(ulong seed)
    {
        _a = Next(ref seed);
        _b = Next(ref seed);
        _c = Next(ref seed);
        _d = Next(ref seed);
    }

    /// <summary>0 to below 1.</summary>
    internal double Share() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Whether something happens that has this share.</summary>
    internal bool Is(double share) => Share() < share;

    /// <summary>How many of so many happen that have this share: from one to the next by the geometric distribution.</summary>
    internal int Hits(int count, double share)
    {
        int hits = 0;
        if (share is > 0 and < 1)
        {
            double between = Math.Log(1 - share);
            for (double at = Skip(between); at < count; at += 1 + Skip(between))
            {
                hits++;
            }
        }

        return share >= 1 ? count : hits;
    }

    /// <summary>0 to below 2^32.</summary>
    internal uint Bits() => (uint)(NextBits() >> 32);

    private double Skip(double between) => Math.Floor(Math.Log(1 - Share()) / between);

    private ulong NextBits()
    {
        ulong result = ulong.RotateLeft(_b * 5, 7) * 9, shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }

    private static ulong Next(ref ulong seed)
    {
        ulong mixed = seed += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
