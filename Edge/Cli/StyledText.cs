namespace Edge.Cli;

/// <summary>A piece of text and its style.</summary>
internal readonly record struct StyledText(string Text, TextStyle TextStyle = TextStyle.Plain)
{
    public static implicit operator StyledText(string text) => new(text);
}
