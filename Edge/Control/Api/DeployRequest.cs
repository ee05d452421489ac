using Edge.Config;
using Edge.Fleet;

namespace Edge.Control;

/// <summary>Reads a call of /edge/deploy.</summary>
internal static class DeployRequest
{
    private const string Form = """{"image": "shop:1.4", "canary": 10, "wait": true}""";
    private const int ImageChars = 1024;

    /// <summary>Returns what is wrong with a body; or null, with the operation and whether its end is waited for.</summary>
    internal static string? Read(ReadOnlyMemory<byte> body, out DeployOperation? read, out bool waits)
    {
        (read, waits) = (null, true);
        if (JsonBody.Read(body, ContractJson.Readable.DeployBody, Form, out DeployBody? given) is { } broken)
        {
            return broken;
        }

        if (given?.Image is not { Length: > 0 } image)
        {
            return $"image is missing or empty; the body is a JSON object like {Form}";
        }

        if (image.Length > ImageChars || !OptionValues.IsSecret(image))
        {
            return $"image is no name of an image: allowed are up to {ImageChars} visible characters";
        }

        if (given.Canary is not (null or (>= 0 and <= Limits.CanaryPercent)))
        {
            return $"canary is {given.Canary}; allowed is an integer from 0 to {Limits.CanaryPercent}";
        }

        waits = given.Wait ?? true;
        read = new DeployOperation(image)
        {
            CanaryPercent = given.Canary,
            IsJudged = given.Judge ?? true,
            IsForced = given.Force ?? false,
            Pulls = given.Pull ?? false,
        };
        return null;
    }
}
