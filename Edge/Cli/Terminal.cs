namespace Edge.Cli;

/// <summary>Where the program writes to, as far as that makes a difference.</summary>
/// <param name="IsTerminal">Whether a person looks at it who can press keys, too.</param>
/// <param name="HasColours">Whether colours are wanted and can be shown.</param>
/// <param name="Size">Columns and rows now.</param>
internal sealed record Terminal(bool IsTerminal, bool HasColours, Func<(int Columns, int Rows)> Size)
{
    internal static readonly Terminal None = new(false, false, () => (int.MaxValue, int.MaxValue));

    /// <summary>Standard output of this process.</summary>
    internal static Terminal OfProcess()
    {
        bool isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is { } term and not "dumb" && term.Length > 0;

        // no-color.org: any text but an empty one.
        bool hasColours = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new Terminal(isTerminal, hasColours, () => (AtLeast(20, Console.WindowWidth, 80), AtLeast(5, Console.WindowHeight, 24)));

        // A terminal that does not know how large it is says 0.
        static int AtLeast(int least, int size, int usual) => size > 0 ? Math.Max(least, size) : usual;
    }
}
