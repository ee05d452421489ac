namespace Edge.Config;

/// <summary>One value and its source.</summary>
/// <param name="Value">Its text; null is a null of JSON.</param>
/// <param name="Origin">A file, a variable of the environment, or an argument, as a reader knows it.</param>
internal readonly record struct OptionText(string? Value, string Origin);
