namespace Edge.Config;

/// <summary>A value that cannot be used.</summary>
/// <param name="Key">The key, the file or the argument that it is about.</param>
/// <param name="Value">What was there; null where there is nothing to show.</param>
/// <param name="Allowed">What to write instead.</param>
internal readonly record struct OptionMistake(string Key, string? Value, string Allowed)
{
    /// <summary>Where the value comes from; null where that is plain.</summary>
    internal string? Origin { get; init; }

    public override string ToString() =>
        (Value is null ? $"{Key}: {Allowed}" : $"{Key} is \"{Value}\": {Allowed}") + (Origin is null ? "" : $" (from {Origin})");
}
