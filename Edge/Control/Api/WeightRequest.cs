using Edge.Config;

namespace Edge.Control;

/// <summary>Reads a call of /edge/weight.</summary>
internal static class WeightRequest
{
    private const string Form = """{"hostnames": ["server_2"], "weight": 3}""";

    /// <summary>Returns what is wrong with a body; or null, with the request.</summary>
    internal static string? Read(ReadOnlyMemory<byte> body, out WeightBody? read)
    {
        read = null;
        if (JsonBody.Read(body, ContractJson.Readable.WeightBody, Form, out WeightBody? given) is { } broken)
        {
            return broken;
        }

        if (given?.Hostnames is not { Count: > 0 } names || names.Any(string.IsNullOrEmpty))
        {
            return $"hostnames is missing or empty; the body is a JSON object like {Form}";
        }

        if (names.Distinct(StringComparer.Ordinal).Count() < names.Count)
        {
            return "a hostname is there more than once";
        }

        if (given.Weight is not (>= 1 and <= Limits.WeightAtMost))
        {
            return $"weight is {(given.Weight is { } weight ? $"{weight}" : "missing")}; allowed is an integer from 1 to {Limits.WeightAtMost}";
        }

        read = given;
        return null;
    }
}
