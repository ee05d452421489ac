namespace Edge.Observability;

/// <summary>How a line of the access log looks.</summary>
internal enum AccessFormat
{
    Off,
    Json,

    /// <summary>The combined log format of Apache httpd.</summary>
    Combined,
}

/// <summary>What a line of the access log tells of one request. Times in nanoseconds.</summary>
internal ref struct AccessRecord
{
    /// <summary>When it was over.</summary>
    internal LogTime Time;
    internal ReadOnlySpan<byte> Client;
    internal ReadOnlySpan<byte> Method;
    internal ReadOnlySpan<byte> Host;
    internal ReadOnlySpan<byte> Target;
    internal ReadOnlySpan<byte> Referer;
    internal ReadOnlySpan<byte> UserAgent;
    internal ReadOnlySpan<byte> RequestId;
    internal ReadOnlySpan<byte> TraceId;
    internal int MinorVersion;

    /// <summary>0 where the client got none.</summary>
    internal int Status;
    internal long BytesReceived;
    internal long BytesSent;
    internal long Duration;
    internal long Queued;
    internal long Connecting;

    /// <summary>Until the head of the replica's response; negative where there was none.</summary>
    internal long Responding;

    /// <summary>The last replica that it was sent to; empty where there was none.</summary>
    internal ReadOnlySpan<byte> Replica;
    internal int Attempts;
    internal Reason Reason;
}

/// <summary>
/// Writes lines of the access log. What a client sent stands between quotes, and of it all but printable ASCII is escaped:
/// nothing that a client sends can break a line or make up another.
/// </summary>
internal static class AccessLine
{
    /// <summary>What is kept of a target; the rest is cut off.</summary>
    internal const int TargetBytes = 2048;

    /// <summary>What is kept of any other text of a client.</summary>
    internal const int TextBytes = 256;

    // Each byte may become six: \u00XX.
    internal const int BytesAtMost = 6 * (TargetBytes + 5 * TextBytes) + 1024;

    /// <summary>Returns the length of the line, its end included.</summary>
    /// <param name="to">At least <see cref="BytesAtMost"/>.</param>
    /// <param name="format">How it looks.</param>
    /// <param name="record">What it says: of a target at most <see cref="TargetBytes"/>, of other texts <see cref="TextBytes"/>.</param>
    internal static unsafe int Write(Span<byte> to, AccessFormat format, in AccessRecord record)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(to.Length, BytesAtMost);
        fixed (byte* start = to)
        {
            var line = new Line(start);
            if (format == AccessFormat.Json)
            {
                WriteJson(ref line, record);
            }
            else
            {
                WriteCombined(ref line, record);
            }

            return line.LengthFrom(start);
        }
    }

    private static void WriteJson(ref Line line, in AccessRecord record)
    {
        line.Add("{\"time\":\""u8);
        line.Add(record.Time.Iso);
        line.Add("."u8);
        line.AddThreeDigits(record.Time.Milliseconds);
        line.Add("Z\",\"client\":\""u8);
        line.Add(record.Client);
        line.Add("\",\"method\":\""u8);
        // The characters of a token, of which none has to be escaped.
        line.Add(record.Method);
        line.Add("\",\"host\":\""u8);
        line.AddEscaped(record.Host, "\\u00"u8);
        line.Add("\",\"target\":\""u8);
        line.AddEscaped(record.Target, "\\u00"u8);
        line.Add("\",\"status\":"u8);
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
        line.Add(",\"request_id\":\""u8);
        line.AddEscaped(record.RequestId, "\\u00"u8);
        line.Add("\",\"trace_id\":\""u8);
        line.Add(record.TraceId);
        line.Add("\",\"user_agent\":\""u8);
        line.AddEscaped(record.UserAgent, "\\u00"u8);
        line.Add("\"}\n"u8);
    }

    private static void WriteCombined(ref Line line, in AccessRecord record)
    {
        line.Add(record.Client);
        line.Add(" - - ["u8);
        line.Add(record.Time.Clf);
        line.Add("] \""u8);
        if (record.Method.IsEmpty)
        {
            line.Add("-"u8);
        }
        else
        {
            line.Add(record.Method);
            line.Add(" "u8);
            line.AddEscaped(record.Target, "\\x"u8);
            line.Add(record.MinorVersion == 0 ? " HTTP/1.0"u8 : " HTTP/1.1"u8);
        }

        line.Add("\" "u8);
        line.AddNumber(record.Status);
        line.Add(" "u8);
        line.AddNumber(record.BytesSent);
        line.Add(" \""u8);
        line.AddEscaped(record.Referer.IsEmpty ? "-"u8 : record.Referer, "\\x"u8);
        line.Add("\" \""u8);
        line.AddEscaped(record.UserAgent.IsEmpty ? "-"u8 : record.UserAgent, "\\x"u8);
        line.Add("\"\n"u8);
    }
}
