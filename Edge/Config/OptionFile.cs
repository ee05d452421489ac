namespace Edge.Config;

/// <summary>A file that was looked for.</summary>
/// <param name="Path">The full path.</param>
/// <param name="IsThere">Whether it exists; mistakes in it are among the mistakes.</param>
internal readonly record struct OptionFile(string Path, bool IsThere);
