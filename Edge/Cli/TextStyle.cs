namespace Edge.Cli;

/// <summary>What a piece of text is, so that a terminal may show it.</summary>
internal enum TextStyle
{
    Plain,
    Strong,
    Faint,
    Good,
    Warn,
    Bad,
    Busy,
}
