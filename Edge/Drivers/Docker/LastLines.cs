namespace Edge.Drivers;

/// <summary>Keeps the last lines of those that a container has printed, as they are read.</summary>
/// <param name="count">How many at most.</param>
internal sealed class LastLines(int count) : IProgress<string>
{
    /// <summary>What is behind that in a line is left out.</summary>
    internal const int LineChars = 1000;

    // Without a terminal, the engine puts eight bytes before each piece: the stream, three zeros, and the length (API, "Attach to a container").
    private const int FrameChars = 8;

    private readonly Queue<string> _lines = new();

    public void Report(string value)
    {
        bool isFramed = value.Length >= FrameChars && value[0] is '\u0001' or '\u0002' && value.AsSpan(1, 3).SequenceEqual("\0\0\0");
        string line = (isFramed ? value[FrameChars..] : value).TrimEnd('\r');
        _lines.Enqueue(line.Length > LineChars ? line[..LineChars] : line);
        if (_lines.Count > count)
        {
            _lines.Dequeue();
        }
    }

    internal IReadOnlyList<string> Kept() => [.. _lines];
}
