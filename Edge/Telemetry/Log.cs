using System.Buffers;
using System.Globalization;
using System.Text;

namespace Edge.Telemetry;

/// <summary>
/// The process log: one event a line, as <c>time level event key=value …</c>. The names of events and keys do not change, so they can be searched
/// for. For the control plane; loops do not log.
/// </summary>
internal sealed class Log(TextWriter writer, TimeProvider time)
{
    // The characters that a value may have without quotes.
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:/+%[]()*,@");

    private readonly Lock _line = new();

    internal void Info(string name, params ReadOnlySpan<(string Key, object? Value)> fields) => Write("info", name, fields);

    internal void Warning(string name, params ReadOnlySpan<(string Key, object? Value)> fields) => Write("warning", name, fields);

    internal void Error(string name, params ReadOnlySpan<(string Key, object? Value)> fields) => Write("error", name, fields);

    private void Write(string level, string name, ReadOnlySpan<(string Key, object? Value)> fields)
    {
        var line = new StringBuilder(160);
        line.Append(Show(time.GetUtcNow(), "ss.fff"));
        line.Append(' ').Append(level).Append(' ').Append(name);
        foreach ((string key, object? value) in fields)
        {
            line.Append(' ').Append(key).Append('=');
            Append(line, value is DateTimeOffset at ? Show(at, "ss") : Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
        }

        line.Append('\n');
        lock (_line)
        {
            writer.Write(line.ToString());
            writer.Flush();
        }
    }

    // In UTC, as RFC 3339 has it.
    private static string Show(DateTimeOffset time, string seconds) =>
        time.UtcDateTime.ToString($"yyyy-MM-dd'T'HH:mm:{seconds}'Z'", CultureInfo.InvariantCulture);

    /// <summary>Quotes a value that could not be read back as one value. A value never breaks the line.</summary>
    private static void Append(StringBuilder line, string value)
    {
        if (value.Length > 0 && !value.AsSpan().ContainsAnyExcept(Plain))
        {
            line.Append(value);
            return;
        }

        line.Append('"');
        foreach (char c in value)
        {
            _ = c switch
            {
                '"' => line.Append("\\\""),
                '\\' => line.Append("\\\\"),
                '\n' => line.Append("\\n"),
                '\r' => line.Append("\\r"),
                '\t' => line.Append("\\t"),
                _ when char.IsControl(c) => line.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => line.Append(c),
            };
        }

        line.Append('"');
    }
}
