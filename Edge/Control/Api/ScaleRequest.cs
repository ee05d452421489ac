using Edge.Config;

namespace Edge.Control;

/// <summary>Reads a call of /edge/scale.</summary>
internal static class ScaleRequest
{
    private const string Form = """{"minimum": 1, "maximum": 4}""";
    private const int Most = Limits.Replicas / 2;

    /// <summary>Returns what is wrong with a body; or null, with the request.</summary>
    internal static string? Read(ReadOnlyMemory<byte> body, out ScaleBody? read)
    {
        read = null;
        if (JsonBody.Read(body, ContractJson.Readable.ScaleBody, Form, out ScaleBody? given) is { } broken)
        {
            return broken;
        }

        if (given is null or { Minimum: null, Maximum: null })
        {
            return $"minimum and maximum are missing; the body is a JSON object like {Form}";
        }

        foreach ((string name, int? number) in new[] { ("minimum", given.Minimum), ("maximum", given.Maximum) })
        {
            if (number is not (null or (>= 0 and <= Most)))
            {
                return $"{name} is {number}; allowed is an integer from 0 to {Most}";
            }
        }

        read = given;
        return null;
    }
}
