using System.Globalization;
using System.Text;
using Edge.Config;

namespace Edge.Certificates;

/// <summary>
/// Reads the answer to one request from a stream that carries nothing else (RFC 9112). Strict, and bounded: what is larger, or cut, is no answer.
/// </summary>
internal sealed class HttpsReplyReader(Stream stream)
{
    private byte[] _bytes = new byte[4096];
    private int _start;
    private int _end;

    /// <param name="hasNoBody">The request was HEAD.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="IOException">The answer is cut, too large, or none of HTTP/1.</exception>
    internal async Task<HttpsReply> ReadAsync(bool hasNoBody, CancellationToken cancellation)
    {
        while (true)
        {
            int status = StatusOf(await LineAsync(cancellation));
            List<KeyValuePair<string, string>> fields = await FieldsAsync(cancellation);
            if (status < 200)
            {
                // An interim response (RFC 9110 §15.2).
                continue;
            }

            var reply = new HttpsReply(status, fields, []);
            return hasNoBody || status is 204 or 304 ? reply : reply with { Body = await BodyAsync(reply, cancellation) };
        }
    }

    private static int StatusOf(string line) =>
        line.Length >= 12 && line.StartsWith("HTTP/1.", StringComparison.Ordinal) && line[8] == ' '
        && int.TryParse(line.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int status) && status is >= 100 and < 600
        && (line.Length == 12 || line[12] == ' ')
            ? status
            : throw new IOException("the answer is not HTTP/1");

    private async Task<List<KeyValuePair<string, string>>> FieldsAsync(CancellationToken cancellation)
    {
        var fields = new List<KeyValuePair<string, string>>();
        while (await LineAsync(cancellation) is { Length: > 0 } line)
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon <= 0 || fields.Count == Limits.HeaderFields)
            {
                throw new IOException("the head of the answer is malformed");
            }

            fields.Add(new(line[..colon], line[(colon + 1)..].Trim(' ', '\t')));
        }

        return fields;
    }

    private async Task<byte[]> BodyAsync(HttpsReply reply, CancellationToken cancellation)
    {
        if (reply.Field("Transfer-Encoding") is { } coding)
        {
            return coding.Equals("chunked", StringComparison.OrdinalIgnoreCase)
                ? await ChunksAsync(cancellation)
                : throw new IOException($"the answer has the transfer coding {coding}");
        }

        var body = new MemoryStream();
        if (reply.Field("Content-Length") is { } length)
        {
            await CopyAsync(body, Number(length, NumberStyles.None), cancellation);
            return body.ToArray();
        }

        // Until the end, which TLS says: a cut connection is an exception.
        while (_start < _end || await FillAsync(cancellation))
        {
            Append(body, _end - _start);
        }

        return body.ToArray();
    }

    private async Task<byte[]> ChunksAsync(CancellationToken cancellation)
    {
        var body = new MemoryStream();
        while (true)
        {
            string line = await LineAsync(cancellation);
            int size = Number(line.Split(';')[0].Trim(' ', '\t'), NumberStyles.AllowHexSpecifier);
            if (size == 0)
            {
                await FieldsAsync(cancellation);
                return body.ToArray();
            }

            await CopyAsync(body, size, cancellation);
            if ((await LineAsync(cancellation)).Length > 0)
            {
                throw new IOException("a chunk of the answer is malformed");
            }
        }
    }

    private static int Number(string text, NumberStyles style) =>
        int.TryParse(text, style, CultureInfo.InvariantCulture, out int number) && number is >= 0 and <= Limits.AcmeAnswerBytes
            ? number
            : throw new IOException($"the answer is longer than {Limits.AcmeAnswerBytes} bytes, or its framing is malformed");

    private async Task CopyAsync(MemoryStream to, int length, CancellationToken cancellation)
    {
        while (length > 0)
        {
            if (_start == _end && !await FillAsync(cancellation))
            {
                throw new IOException("the answer is cut");
            }

            int part = Math.Min(length, _end - _start);
            Append(to, part);
            length -= part;
        }
    }

    private void Append(MemoryStream to, int length)
    {
        if (to.Length + length > Limits.AcmeAnswerBytes)
        {
            throw new IOException($"the answer is longer than {Limits.AcmeAnswerBytes} bytes");
        }

        to.Write(_bytes, _start, length);
        _start += length;
    }

    // Without its end. ASCII, or one character a byte.
    private async Task<string> LineAsync(CancellationToken cancellation)
    {
        for (int seen = 0; ;)
        {
            int at = _bytes.AsSpan(_start + seen, _end - _start - seen).IndexOf((byte)'\n');
            if (at >= 0)
            {
                string line = Encoding.Latin1.GetString(_bytes, _start, seen + at);
                _start += seen + at + 1;
                return line.EndsWith('\r') ? line[..^1] : line;
            }

            seen = _end - _start;
            if (seen > Limits.AcmeLineBytes || !await FillAsync(cancellation))
            {
                throw new IOException(seen > Limits.AcmeLineBytes ? "a line of the answer is too long" : "the answer is cut");
            }
        }
    }

    // False at the end.
    private async Task<bool> FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            _bytes.AsSpan(_start, _end - _start).CopyTo(_bytes);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _bytes.Length)
        {
            Array.Resize(ref _bytes, _bytes.Length * 2);
        }

        int got = await stream.ReadAsync(_bytes.AsMemory(_end), cancellation);
        _end += got;
        return got > 0;
    }
}
