namespace Edge.Config;

/// <summary>A range of HTTP statuses.</summary>
/// <param name="First">100 to 599.</param>
/// <param name="Last">Not less than the first.</param>
internal readonly record struct StatusRange(int First, int Last)
{
    internal const int Least = 100;
    internal const int Most = 599;

    internal bool Has(int status) => status >= First && status <= Last;
}
