namespace Edge.Cli;

/// <summary>What a piece of text means; a terminal may show it by a colour.</summary>
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
