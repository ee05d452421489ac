using System.Runtime.InteropServices;
using Edge.Config;

namespace Edge.Telemetry;

/// <summary>
/// Writes lines of the access log: the client's texts while the head is there, the rest when the request is over. A client's text stands between
/// quotes, and everything except printable ASCII is escaped, so no client can break a line or forge another one.
/// </summary>
internal static class AccessLine
{
    /// <summary>How many bytes of a target are kept; the rest is cut off.</summary>
    internal const int TargetBytes = 2048;

    /// <summary>How many bytes of any other text of a client are kept.</summary>
    internal const int TextBytes = 256;

    /// <summary>The longest line, with its end.</summary>
    internal const int BytesAtMost = BytesOfEscaped * (TargetBytes + 6 * TextBytes) + 1280;

    // \u00XX
    private const int BytesOfEscaped = 6;

    // Names, quotes, the id of the trace and the suite of TLS, in addition to the client's texts.
    private const int BytesOfFrame = 320;

    /// <summary>How many bytes <see cref="Begin"/> may write.</summary>
    internal static int BytesToBegin(in AccessTexts texts) =>
        BytesOfFrame + BytesOfEscaped * (texts.Method.Length + Math.Min(texts.Target.Length, TargetBytes)
            + Cut(texts.Host).Length + Cut(texts.Referer).Length + Cut(texts.UserAgent).Length + Cut(texts.RequestId).Length
            + Cut(texts.TlsName).Length);

    /// <summary>Writes the client's texts.</summary>
    /// <param name="to">At least <see cref="BytesToBegin"/>.</param>
    /// <param name="format">How the line looks.</param>
    /// <param name="texts">The client's texts.</param>
    /// <returns>The lengths of <see cref="AccessRecord.Before"/> and of <see cref="AccessRecord.Behind"/>, which follows it.</returns>
    internal static (int Before, int Behind) Begin(Span<byte> to, AccessLogFormat format, in AccessTexts texts)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to.Length, BytesToBegin(texts));
        ref byte start = ref MemoryMarshal.GetReference(to);
        var line = new Line(ref start);
        int before;
        if (format == AccessLogFormat.Json)
        {
            BeginJson(ref line, texts);
            before = line.LengthFrom(ref start);
            EndJson(ref line, texts);
        }
        else
        {
            BeginCombined(ref line, texts);
            before = line.LengthFrom(ref start);
            EndCombined(ref line, texts);
        }

        return (before, line.LengthFrom(ref start) - before);
    }

    /// <summary>Writes a line and returns its length, with its end.</summary>
    /// <param name="to">At least <see cref="BytesAtMost"/>.</param>
    /// <param name="format">As for <see cref="Begin"/>.</param>
    /// <param name="record">What it says.</param>
    internal static int Write(Span<byte> to, AccessLogFormat format, in AccessRecord record)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to.Length, BytesAtMost);
        ref byte start = ref MemoryMarshal.GetReference(to);
        var line = new Line(ref start);
        if (format == AccessLogFormat.Json)
        {
            WriteJson(ref line, record);
        }
        else
        {
            WriteCombined(ref line, record);
        }

        return line.LengthFrom(ref start);
    }

    private static void BeginJson(ref Line line, in AccessTexts texts)
    {
        line.Add("\",\"method\":\""u8);
        // The characters of a token, none of which has to be escaped.
        line.Add(texts.Method);
        line.Add("\",\"host\":\""u8);
        line.AddEscaped(Cut(texts.Host), "\\u00"u8);
        line.Add("\",\"target\":\""u8);
        line.AddEscaped(Cut(texts.Target, TargetBytes), "\\u00"u8);
        line.Add("\",\"status\":"u8);
    }

    private static void WriteJson(ref Line line, in AccessRecord record)
    {
        line.Add("{\"time\":\""u8);
        line.Add(record.Time.Iso);
        line.Add("."u8);
        line.AddThreeDigits(record.Time.Milliseconds);
        line.Add("Z\",\"client\":\""u8);
        line.Add(record.Client);
        line.Add(record.Before);
        line.AddNumber(record.Status);
        line.Add(",\"reason\":\""u8);
        line.Add(record.Reason.Bytes());
        if (record.Replica.IsEmpty)
        {
            line.Add("\",\"replica\":null"u8);
        }
        else
        {
            line.Add("\",\"replica\":\""u8);
            line.Add(record.Replica);
            line.Add("\""u8);
        }

        line.Add(",\"attempts\":"u8);
        line.AddNumber(record.Attempts);
        line.Add(",\"duration_ms\":"u8);
        line.AddMilliseconds(record.Duration);
        line.Add(",\"queue_ms\":"u8);
        line.AddMilliseconds(record.Queued);
        line.Add(",\"connect_ms\":"u8);
        line.AddMilliseconds(record.Connecting);
        line.Add(",\"response_ms\":"u8);
        if (record.Responding < 0)
        {
            line.Add("null"u8);
        }
        else
        {
            line.AddMilliseconds(record.Responding);
        }

        line.Add(",\"bytes_in\":"u8);
        line.AddNumber(record.BytesReceived);
        line.Add(",\"bytes_out\":"u8);
        line.AddNumber(record.BytesSent);
        if (!record.Service.IsEmpty)
        {
            line.Add(",\"service\":\""u8);
            line.Add(record.Service);
            line.Add("\""u8);
        }

        line.Add(record.Behind);
    }

    private static void EndJson(ref Line line, in AccessTexts texts)
    {
        line.Add(",\"request_id\":\""u8);
        line.AddEscaped(Cut(texts.RequestId), "\\u00"u8);
        line.Add("\",\"trace_id\":\""u8);
        line.Add(texts.TraceId);
        line.Add("\",\"user_agent\":\""u8);
        line.AddEscaped(Cut(texts.UserAgent), "\\u00"u8);
        if (texts.TlsVersion.IsEmpty)
        {
            line.Add("\"}\n"u8);
            return;
        }

        line.Add("\",\"tls\":{\"version\":\""u8);
        line.Add(texts.TlsVersion);
        line.Add("\",\"suite\":\""u8);
        line.Add(texts.TlsSuite);
        line.Add("\",\"resumed\":"u8);
        line.Add(texts.IsTlsResumed ? "true"u8 : "false"u8);
        line.Add(",\"sni\":\""u8);
        line.AddEscaped(Cut(texts.TlsName), "\\u00"u8);
        line.Add("\"}}\n"u8);
    }

    private static void BeginCombined(ref Line line, in AccessTexts texts)
    {
        line.Add("] \""u8);
        if (texts.Method.IsEmpty)
        {
            line.Add("-"u8);
        }
        else
        {
            line.Add(texts.Method);
            line.Add(" "u8);
            line.AddEscaped(Cut(texts.Target, TargetBytes), "\\x"u8);
            line.Add(texts.MinorVersion == 0 ? " HTTP/1.0"u8 : " HTTP/1.1"u8);
        }

        line.Add("\" "u8);
    }

    private static void WriteCombined(ref Line line, in AccessRecord record)
    {
        line.Add(record.Client);
        line.Add(" - - ["u8);
        line.Add(record.Time.Clf);
        line.Add(record.Before);
        line.AddNumber(record.Status);
        line.Add(" "u8);
        line.AddNumber(record.BytesSent);
        line.Add(record.Behind);
        if (!record.Service.IsEmpty)
        {
            // Behind all that the format has: programs that read it stop before that.
            line.Add(" \""u8);
            line.Add(record.Service);
            line.Add("\""u8);
        }

        line.Add("\n"u8);
    }

    private static void EndCombined(ref Line line, in AccessTexts texts)
    {
        line.Add(" \""u8);
        line.AddEscaped(texts.Referer.IsEmpty ? "-"u8 : Cut(texts.Referer), "\\x"u8);
        line.Add("\" \""u8);
        line.AddEscaped(texts.UserAgent.IsEmpty ? "-"u8 : Cut(texts.UserAgent), "\\x"u8);
        line.Add("\""u8);
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> text, int bytes = TextBytes) => text.Length <= bytes ? text : text[..bytes];
}
