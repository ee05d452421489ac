using System.Numerics;
using System.Runtime.InteropServices;

namespace Edge.Http;

/// <summary>
/// Random numbers that identify things; they are not secret. xoroshiro128++ (Blackman and Vigna, 2019), seeded by the runtime's own generator, which
/// is seeded by the system. Not thread-safe.
/// </summary>
internal struct RandomBits
{
    private ulong _a;
    private ulong _b;

    /// <summary>A generator whose sequence no other generator has.</summary>
    internal static RandomBits Create()
    {
        var made = default(RandomBits);
        Random.Shared.NextBytes(MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref made, 1)));
        made._a |= 1;
        return made;
    }

    internal ulong Next()
    {
        ulong result = BitOperations.RotateLeft(_a + _b, 17) + _a;
        ulong mixed = _a ^ _b;
        _a = BitOperations.RotateLeft(_a, 49) ^ mixed ^ (mixed << 21);
        _b = BitOperations.RotateLeft(mixed, 28);
        return result;
    }
}
