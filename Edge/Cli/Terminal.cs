namespace Edge.Cli;

/// <summary>The properties of the output that matter to the program.</summary>
/// <param name="IsTerminal">Whether a person looks at it and can press keys.</param>
/// <param name="HasColours">Whether colours are wanted and can be shown.</param>
/// <param name="Size">Its columns and rows at this moment.</param>
internal sealed record Terminal(bool IsTerminal, bool HasColours, Func<(int Columns, int Rows)> Size)
{
    internal static readonly Terminal None = new(false, false, () => (int.MaxValue, int.MaxValue));

    /// <summary>Standard output of this process.</summary>
    internal static Terminal OfProcess()
    {
        bool isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is { } term and not "dumb" && term.Length > 0;

        // no-color.org: any text except an empty one turns colours off.
        bool hasColours = isTerminal && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new Terminal(isTerminal, hasColours, () => (AtLeast(20, Console.WindowWidth, 80), AtLeast(5, Console.WindowHeight, 24)));

        // A terminal that does not know its size says 0.
        static int AtLeast(int least, int size, int usual) => size > 0 ? Math.Max(least, size) : usual;
    }
}
