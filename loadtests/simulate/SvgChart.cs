using System.Globalization;
using System.Net;
using System.Text;

namespace Edge.Simulate;

/// <summary>A picture of lines over an axis. It needs nothing beside it, and takes the reader's choice of light or dark.</summary>
/// <param name="Title">Above it.</param>
/// <param name="X">The axis below.</param>
/// <param name="Y">The axis at the left.</param>
/// <param name="Series">The lines, six at most: each has a colour of its own.</param>
internal sealed record SvgChart(string Title, SvgAxis X, SvgAxis Y, IReadOnlyList<SvgSeries> Series)
{
    private const double Width = 820;
    private const double Height = 380;
    private const double Left = 60;
    private const double Right = 190;
    private const double Top = 46;
    private const double Bottom = 52;
    private const double LabelHeight = 15;

    private const string Style = """
        text { font: 12px system-ui, sans-serif; fill: #1f2933 }
        .title { font-size: 15px; font-weight: 600 } .faint { fill: #616e7c }
        .grid { stroke: #e1e5ea } .line { fill: none; stroke-width: 2 }
        .c0 { stroke: #2b6cb8 } .c1 { stroke: #d0803c } .c2 { stroke: #5a9e6c } .c3 { stroke: #9a6fb8 } .c4 { stroke: #b8443c } .c5 { stroke: #7b8794 }
        @media (prefers-color-scheme: dark) {
        text { fill: #e4e7eb } .faint { fill: #9aa5b1 } .grid { stroke: #3e4852 }
        }
        """;

    /// <summary>The text of the SVG file.</summary>
    internal string Draw()
    {
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" role=\"img\"");
        svg.Append(CultureInfo.InvariantCulture, $" aria-label=\"{WebUtility.HtmlEncode(Title)}\">\n<style>\n{Style}\n</style>\n");
        Text(svg, Left, 24, Title, "title", "start");
        foreach (double tick in X.Ticks)
        {
            Line(svg, AtX(tick), AtY(Y.Least), AtX(tick), AtY(Y.Most));
            Text(svg, AtX(tick), Height - Bottom + 18, Number(tick), "faint", "middle");
        }

        foreach (double tick in Y.Ticks)
        {
            Line(svg, AtX(X.Least), AtY(tick), AtX(X.Most), AtY(tick));
            Text(svg, Left - 8, AtY(tick) + 4, Number(tick), "faint", "end");
        }

        Text(svg, (Left + Width - Right) / 2, Height - 12, X.Label, "faint", "middle");
        Text(svg, 8, Top - 8, Y.Label, "faint", "start");
        double[] labels = Labels();
        for (int i = 0; i < Series.Count; i++)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<polyline class=\"line c{i}\" points=\"{string.Join(' ', Corners(Series[i]))}\"/>\n");
            Line(svg, Width - Right + 8, labels[i], Width - Right + 22, labels[i], $"line c{i}");
            Text(svg, Width - Right + 28, labels[i] + 4, Series[i].Name, "", "start");
        }

        return svg.Append("</svg>\n").ToString();
    }

    private double AtX(double value) => Left + X.At(value) * (Width - Left - Right);

    private double AtY(double value) => Height - Bottom - Y.At(value) * (Height - Top - Bottom);

    private IEnumerable<string> Corners(SvgSeries series)
    {
        double? before = null;
        foreach ((double x, double y) in series.Points)
        {
            if (series.IsStep && before is { } held)
            {
                yield return Point(x, held);
            }

            before = y;
            yield return Point(x, y);
        }
    }

    // Each beside the end of its line, but for those that would cover one another.
    private double[] Labels()
    {
        double[] at = [.. Series.Select(series => AtY(series.Points[^1].Y))];
        double free = double.NegativeInfinity;
        foreach (int i in Enumerable.Range(0, at.Length).OrderBy(i => at[i]).ThenBy(i => i))
        {
            at[i] = Math.Max(at[i], free);
            free = at[i] + LabelHeight;
        }

        double beyond = Math.Max(0, free - LabelHeight - (Height - Bottom));
        return [.. at.Select(y => y - beyond)];
    }

    private string Point(double x, double y) => string.Create(CultureInfo.InvariantCulture, $"{AtX(x):0.#},{AtY(y):0.#}");

    private static string Number(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    private static void Line(StringBuilder svg, double x1, double y1, double x2, double y2, string kind = "grid") =>
        svg.Append(CultureInfo.InvariantCulture, $"<line class=\"{kind}\" x1=\"{x1:0.#}\" y1=\"{y1:0.#}\" x2=\"{x2:0.#}\" y2=\"{y2:0.#}\"/>\n");

    private static void Text(StringBuilder svg, double x, double y, string words, string kind, string anchor)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{x:0.#}\" y=\"{y:0.#}\" text-anchor=\"{anchor}\"");
        svg.Append(kind.Length > 0 ? $" class=\"{kind}\">" : ">").Append(WebUtility.HtmlEncode(words)).Append("</text>\n");
    }
}
