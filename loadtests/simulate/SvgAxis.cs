namespace Edge.Simulate;

/// <summary>One axis of a chart.</summary>
/// <param name="Label">What it shows, with its unit.</param>
/// <param name="Least">Where it begins; above 0 if it is logarithmic.</param>
/// <param name="Most">Where it ends.</param>
/// <param name="Ticks">The values that have a number.</param>
/// <param name="IsLogarithmic">Whether equal factors are equally far apart, and not equal differences.</param>
internal sealed record SvgAxis(string Label, double Least, double Most, IReadOnlyList<double> Ticks, bool IsLogarithmic = false)
{
    /// <summary>Where a value lies: 0 at the beginning, 1 at the end, and not beyond.</summary>
    internal double At(double value)
    {
        double clamped = Math.Clamp(value, Least, Most);
        return IsLogarithmic ? Math.Log(clamped / Least) / Math.Log(Most / Least) : (clamped - Least) / (Most - Least);
    }
}
