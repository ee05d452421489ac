namespace Edge.Certificates;

/// <summary>What a server has answered.</summary>
/// <param name="Status">200 to 599.</param>
/// <param name="Fields">In order, as sent.</param>
/// <param name="Body">Whole, without framing.</param>
internal sealed record HttpsReply(int Status, IReadOnlyList<KeyValuePair<string, string>> Fields, byte[] Body)
{
    /// <summary>The value of the first field with a name; null if there is none.</summary>
    internal string? Field(string name) =>
        Fields.FirstOrDefault(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
