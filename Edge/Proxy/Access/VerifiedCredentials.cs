using System.Security.Cryptography;
using Edge.Http;

namespace Edge.Proxy;

/// <summary>
/// Credentials that were found right before, as they stand in Authorization, so that a request of the same user costs a comparison and no hash. Of the
/// settings under which they were found right alone. Touched by one loop's thread.
/// </summary>
internal sealed class VerifiedCredentials
{
    private const int Places = 64;
    private const int BytesAtMost = 4 * ((BasicCredentials.BytesAtMost + 2) / 3) + 8;

    private readonly byte[]?[] _values = new byte[Places][];
    private readonly int[] _lengths = new int[Places];

    /// <summary>Whether this value was found right.</summary>
    internal bool Has(ReadOnlySpan<byte> value)
    {
        int place = PlaceOf(value);
        return _values[place] is { } known && CryptographicOperations.FixedTimeEquals(known.AsSpan(0, _lengths[place]), value);
    }

    /// <summary>The value was found right. It takes the place of another one.</summary>
    internal void Add(ReadOnlySpan<byte> value)
    {
        if (value.Length <= BytesAtMost)
        {
            int place = PlaceOf(value);
            value.CopyTo(_values[place] ??= new byte[BytesAtMost]);
            _lengths[place] = value.Length;
        }
    }

    private static int PlaceOf(ReadOnlySpan<byte> value)
    {
        // Seeded anew in each process.
        var hash = default(HashCode);
        hash.AddBytes(value);
        return hash.ToHashCode() & (Places - 1);
    }
}
