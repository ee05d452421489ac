using System.Buffers.Text;

namespace Edge.Http;

/// <summary>The time of day in the form of RFC 9110 §5.6.7, written once a second.</summary>
internal sealed class HttpDate
{
    private readonly byte[] _text = "Thu, 01 Jan 1970 00:00:00 GMT"u8.ToArray();
    private long _validUntil;

    /// <param name="milliseconds">The loop's clock; it never goes back.</param>
    internal ReadOnlySpan<byte> At(long milliseconds)
    {
        if (milliseconds >= _validUntil)
        {
            DateTime now = DateTime.UtcNow;
            Utf8Formatter.TryFormat(now, _text, out _, 'R');
            _validUntil = milliseconds + 1000 - now.Millisecond;
        }

        return _text;
    }
}
