namespace Edge.Simulate;

/// <summary>One line of a chart.</summary>
/// <param name="Name">For the line's end.</param>
/// <param name="Points">In the order in which they are joined.</param>
/// <param name="IsStep">Whether a value holds until the next one.</param>
internal sealed record SvgSeries(string Name, IReadOnlyList<(double X, double Y)> Points, bool IsStep = false);
