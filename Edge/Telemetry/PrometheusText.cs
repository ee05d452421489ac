using System.Buffers;
using System.Globalization;
using System.Text;

namespace Edge.Telemetry;

/// <summary>
/// Writes figures in the text format of Prometheus, version 0.0.4: a family is announced with its help and type, and its
/// samples follow.
/// </summary>
internal sealed class PrometheusText
{
    internal const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ArrayBufferWriter<byte> _text = new(64 * 1024);
    private string _family = "";

    internal ReadOnlyMemory<byte> Text => _text.WrittenMemory;

    /// <summary>Begins a family of counters, which only grow; its name ends in _total.</summary>
    internal void Counter(string name, string help) => Begin(name, "counter", help);

    /// <summary>Begins a family of gauges, which go up and down.</summary>
    internal void Gauge(string name, string help) => Begin(name, "gauge", help);

    /// <summary>Begins a family of <see cref="Telemetry.Histogram"/>s, in seconds.</summary>
    internal void Histogram(string name, string help) => Begin(name, "histogram", help);

    internal void Add(long value, params ReadOnlySpan<Label> labels)
    {
        Start("", labels);
        Number(value);
    }

    internal void Add(double value, params ReadOnlySpan<Label> labels)
    {
        Start("", labels);
        Number(value);
    }

    /// <summary>A histogram of the family that was begun last.</summary>
    internal void Add(in Histogram histogram, params ReadOnlySpan<Label> labels)
    {
        long cumulative = 0;
        for (int bucket = 0; bucket <= Telemetry.Histogram.Bounds; bucket++)
        {
            cumulative += histogram[bucket];
            Start("_bucket", labels, bucket < Telemetry.Histogram.Bounds ? Textual(Telemetry.Histogram.BoundSeconds(bucket)) : "+Inf");
            Number(cumulative);
        }

        Start("_sum", labels);
        Number(histogram.Sum / 1e9);
        Start("_count", labels);
        Number(cumulative);
    }

    private void Begin(string name, string type, string help)
    {
        _family = name;
        Append("# HELP ");
        Append(name);
        Append(" ");
        Append(help.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal));
        Append("\n# TYPE ");
        Append(name);
        Append(" ");
        Append(type);
        Append("\n");
    }

    private void Start(string suffix, ReadOnlySpan<Label> labels, string? bound = null)
    {
        Append(_family);
        Append(suffix);
        string before = "{";
        foreach (Label label in labels)
        {
            Append(before);
            Append(label.Name);
            Append("=\"");
            Append(Escape(label.Value));
            Append("\"");
            before = ",";
        }

        if (bound is not null)
        {
            Append(before);
            Append("le=\"");
            Append(bound);
            Append("\"");
            before = ",";
        }

        Append(before == "," ? "} " : " ");
    }

    private static string Escape(string value) => value.AsSpan().IndexOfAny('\\', '"', '\n') < 0
        ? value
        : value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private void Number(long value)
    {
        Span<byte> to = _text.GetSpan(32);
        value.TryFormat(to, out int written, default, CultureInfo.InvariantCulture);
        to[written] = (byte)'\n';
        _text.Advance(written + 1);
    }

    private void Number(double value)
    {
        Append(Textual(value));
        Append("\n");
    }

    private static string Textual(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    private void Append(string text)
    {
        Span<byte> to = _text.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length));
        _text.Advance(Encoding.UTF8.GetBytes(text, to));
    }
}
