using System.Buffers;
using System.Buffers.Text;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Edge.Telemetry;

/// <summary>
/// Appends the parts of a line. The caller has made sure that there is room for the longest one, so no part is read twice and nothing is checked
/// again: this is most of what it costs to log a request.
/// </summary>
/// <param name="to">Where the line begins.</param>
internal ref struct Line(ref byte to)
{
    private static readonly SearchValues<byte> s_plain = SearchValues.Create(
        " !#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_`abcdefghijklmnopqrstuvwxyz{|}~"u8);

    private ref byte _at = ref to;

    // The numbers below a hundred, each as two digits.
    private static ReadOnlySpan<byte> Pairs =>
        "0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849"u8
        + "5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899"u8;

    /// <param name="start">Where the line begins.</param>
    internal readonly int LengthFrom(ref byte start) => (int)Unsafe.ByteOffset(ref start, ref _at);

    // Inlined, so that a literal is a few moves of a known length.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Add(scoped ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(MemoryMarshal.CreateSpan(ref _at, bytes.Length));
        Skip(bytes.Length);
    }

    /// <summary>Not below zero.</summary>
    internal void AddNumber(long number)
    {
        if (number >= 10_000)
        {
            AddNumber(number / 10_000);
            uint rest = (uint)(number % 10_000);
            AddPair(rest / 100);
            AddPair(rest % 100);
            return;
        }

        uint small = (uint)number;
        if (small >= 1000)
        {
            AddPair(small / 100);
            AddPair(small % 100);
        }
        else if (small >= 100)
        {
            AddThreeDigits((int)small);
        }
        else if (small >= 10)
        {
            AddPair(small);
        }
        else
        {
            AddByte((byte)('0' + small));
        }
    }

    /// <summary>0 to 999, with the zeros before it.</summary>
    internal void AddThreeDigits(int number)
    {
        uint hundreds = (uint)number / 100;
        AddByte((byte)('0' + hundreds));
        AddPair((uint)number - hundreds * 100);
    }

    /// <summary>With three decimals, which is microseconds.</summary>
    internal void AddMilliseconds(long nanoseconds)
    {
        if (nanoseconds < 1000)
        {
            AddByte((byte)'0');
            return;
        }

        ulong microseconds = (ulong)nanoseconds / 1000;
        ulong milliseconds = microseconds / 1000;
        int rest = (int)(microseconds - milliseconds * 1000);
        AddNumber((long)milliseconds);
        if (rest > 0)
        {
            AddByte((byte)'.');
            AddThreeDigits(rest);
        }
    }

    /// <param name="text">Any bytes that a client has sent.</param>
    /// <param name="escape">The text before the two hexadecimal digits of an escaped byte.</param>
    internal void AddEscaped(scoped ReadOnlySpan<byte> text, scoped ReadOnlySpan<byte> escape)
    {
        if (!TryAddPlain(text))
        {
            AddInPieces(text, escape);
        }
    }

    private void AddInPieces(scoped ReadOnlySpan<byte> text, scoped ReadOnlySpan<byte> escape)
    {
        while (!text.IsEmpty)
        {
            int plain = text.IndexOfAnyExcept(s_plain);
            plain = plain < 0 ? text.Length : plain;
            Add(text[..plain]);
            if (plain == text.Length)
            {
                return;
            }

            Add(escape);
            Utf8Formatter.TryFormat(text[plain], MemoryMarshal.CreateSpan(ref _at, 2), out int written, new StandardFormat('x', 2));
            Skip(written);
            text = text[(plain + 1)..];
        }
    }

    // The text is nearly always plain, so it is checked while it is copied; overlapping pieces cover a text of any length.
    private bool TryAddPlain(scoped ReadOnlySpan<byte> text)
    {
        ref byte first = ref MemoryMarshal.GetReference(text);
        int length = text.Length;
        bool isPlain;
        if (length >= Vector128<byte>.Count)
        {
            isPlain = TryCopyPlain(ref first, length - Vector128<byte>.Count);
            for (int at = 0; isPlain && at < length - Vector128<byte>.Count; at += Vector128<byte>.Count)
            {
                isPlain = TryCopyPlain(ref first, at);
            }
        }
        else if (length >= sizeof(ulong))
        {
            ulong begin = Unsafe.ReadUnaligned<ulong>(ref first), end = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, length - sizeof(ulong)));
            Unsafe.WriteUnaligned(ref _at, begin);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref _at, length - sizeof(ulong)), end);
            isPlain = ArePlain(Vector128.Create(begin, end).AsByte());
        }
        else if (length >= sizeof(uint))
        {
            uint begin = Unsafe.ReadUnaligned<uint>(ref first), end = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, length - sizeof(uint)));
            Unsafe.WriteUnaligned(ref _at, begin);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref _at, length - sizeof(uint)), end);
            isPlain = ArePlain(Vector128.Create(begin | (ulong)end << 32).AsByte());
        }
        else
        {
            return false;
        }

        Skip(isPlain ? length : 0);
        return isPlain;
    }

    private readonly bool TryCopyPlain(ref byte first, int at)
    {
        Vector128<byte> piece = Vector128.LoadUnsafe(ref first, (nuint)at);
        piece.StoreUnsafe(ref _at, (nuint)at);
        return ArePlain(piece);
    }

    private static bool ArePlain(Vector128<byte> bytes)
    {
        // Bytes above 0x7F are negative.
        Vector128<byte> printable = Vector128.GreaterThan(bytes.AsSByte(), Vector128.Create((sbyte)(' ' - 1))).AsByte();
        Vector128<byte> special = Vector128.Equals(bytes, Vector128.Create((byte)127))
            | Vector128.Equals(bytes, Vector128.Create((byte)'"'))
            | Vector128.Equals(bytes, Vector128.Create((byte)'\\'));
        return Vector128.AndNot(printable, special).ExtractMostSignificantBits() == 0xFFFF;
    }

    private void AddPair(uint number)
    {
        Unsafe.WriteUnaligned(ref _at, Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref MemoryMarshal.GetReference(Pairs), number * 2)));
        Skip(sizeof(ushort));
    }

    private void AddByte(byte one)
    {
        _at = one;
        Skip(1);
    }

    private void Skip(int bytes) => _at = ref Unsafe.Add(ref _at, bytes);
}
