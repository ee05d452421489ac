using System.Text;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Telemetry;

public sealed class PrometheusTextTests
{
    [Fact]
    public void Families_samples_and_labels_are_as_the_format_has_them()
    {
        var text = new PrometheusText();
        text.Counter("a_total", "One\nline, and a \\.");
        text.Add(7L);
        text.Add(0.25, new Label("x", "a\\b\"c\nd"), new Label("y", ""));
        text.Gauge("b", "Other.");
        text.Add(double.PositiveInfinity);
        Assert.Equal("# HELP a_total One\\nline, and a \\\\.\n# TYPE a_total counter\na_total 7\na_total{x=\"a\\\\b\\\"c\\nd\",y=\"\"} 0.25\n# HELP b "
            + "Other.\n# TYPE b gauge\nb +Inf\n", Of(text));
    }

    [Fact]
    public void A_histogram_is_cumulative()
    {
        var histogram = new Histogram();
        histogram.Add(100_000);
        histogram.Add(200_000);
        histogram.Add(100_000_000_000);
        var text = new PrometheusText();
        text.Histogram("h_seconds", "It.");
        text.Add(histogram, new Label("a", "b"));
        var page = PrometheusPage.Parse(Of(text));
        Assert.Equal(1, page["h_seconds_bucket", ("a", "b"), ("le", "0.000128")]);
        Assert.Equal(2, page["h_seconds_bucket", ("a", "b"), ("le", "0.000256")]);
        Assert.Equal(2, page["h_seconds_bucket", ("a", "b"), ("le", "16.777216")]);
        Assert.Equal(3, page["h_seconds_bucket", ("a", "b"), ("le", "+Inf")]);
        Assert.Equal(3, page["h_seconds_count", ("a", "b")]);
        Assert.Equal(100.0003, page["h_seconds_sum", ("a", "b")]);
    }

    private static string Of(PrometheusText text) => Encoding.UTF8.GetString(text.Text.Span);
}
