namespace Edge.Config;

/// <summary>A file that was looked for.</summary>
/// <param name="Path">Whole.</param>
/// <param name="IsThere">Whether it was there; what is wrong with one that is, is among the mistakes.</param>
internal readonly record struct OptionFile(string Path, bool IsThere);
