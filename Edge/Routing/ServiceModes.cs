namespace Edge.Routing;

/// <summary>The words for modes.</summary>
internal static class ServiceModes
{
    private static readonly string[] s_words = ["open", "paused", "stopped"];

    internal static string Word(this ServiceMode mode) => s_words[(int)mode];

    /// <summary>The mode that a word is for; null for any other text.</summary>
    internal static ServiceMode? Parse(string word) => Array.IndexOf(s_words, word) is >= 0 and var at ? (ServiceMode)at : null;
}
