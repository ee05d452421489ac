namespace Edge.Config;

/// <summary>A value that cannot be used.</summary>
/// <param name="Key">The key, the file or the argument.</param>
/// <param name="Value">The wrong text; null if there is nothing to show.</param>
/// <param name="Allowed">What to write instead.</param>
internal readonly record struct OptionMistake(string Key, string? Value, string Allowed)
{
    /// <summary>The source of the value; null if it is obvious.</summary>
    internal string? Origin { get; init; }

    public override string ToString() =>
        (Value is null ? $"{Key}: {Allowed}" : $"{Key} is \"{Value}\": {Allowed}") + (Origin is null ? "" : $" (from {Origin})");
}
