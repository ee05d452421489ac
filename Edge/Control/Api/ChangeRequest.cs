using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Edge.Config;

namespace Edge.Control;

/// <summary>A call of /add or /rm, read and checked.</summary>
/// <param name="N">How many, at least 1.</param>
/// <param name="Hostnames">Names for the first of them, at most as many; each is allowed and occurs once.</param>
/// <param name="Weight">Of added replicas; 1 if the call does not say it.</param>
internal sealed record ChangeRequest(int N, IReadOnlyList<string> Hostnames, int Weight)
{
    private const int NameChars = 63;
    private const int ShownChars = 80;
    private const int DepthAtMost = 8;
    private const string NameRule = "[a-zA-Z0-9][a-zA-Z0-9_.-]*";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-");

    /// <summary>In words, for the event feed.</summary>
    public override string ToString() =>
        (Hostnames.Count == 0 ? $"{N}" : $"{N} ({string.Join(", ", Hostnames)})") + (Weight == 1 ? "" : $", weight {Weight}");

    /// <summary>Reads a body. Returns what is wrong with it; or null, with the request.</summary>
    /// <param name="body">As received.</param>
    /// <param name="isAdd">Whether a weight is allowed; it also decides the message for a list that is too long.</param>
    /// <param name="request">The request, if nothing is wrong.</param>
    internal static string? Read(ReadOnlyMemory<byte> body, bool isAdd, out ChangeRequest? request)
    {
        request = null;
        string form = isAdd ? """{"n": 2, "hostnames": ["server_7"], "weight": 1}""" : """{"n": 2, "hostnames": ["server_7"]}""";
        if (body.IsEmpty)
        {
            return $"the body is missing; it is a JSON object like {form}";
        }

        if (!Utf8.IsValid(body.Span))
        {
            return "the body is not UTF-8";
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = DepthAtMost });
            JsonElement root = document.RootElement;
            return root.ValueKind == JsonValueKind.Object
                ? ReadObject(root, isAdd, out request)
                : $"the body is {Show(root)}, which is not a JSON object like {form}";
        }
        catch (JsonException broken)
        {
            return $"the body is not JSON: {broken.Message}";
        }
    }

    private static string? ReadObject(JsonElement root, bool isAdd, out ChangeRequest? request)
    {
        request = null;
        int? n = null;
        int weight = 1;
        List<string> hostnames = [];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (!TryName(property, out string name))
            {
                return "a property's name is no valid text";
            }

            if (!seen.Add(name))
            {
                return $"'{Shorten(name)}' is there more than once";
            }

            string? wrong = name switch
            {
                "n" => ReadInteger("n", property.Value, int.MaxValue, out n),
                "hostnames" => ReadNames(property.Value, hostnames),
                "weight" when isAdd => ReadWeight(property.Value, out weight),
                _ => $"'{Shorten(name)}' is unknown; allowed are {(isAdd ? "n, hostnames and weight" : "n and hostnames")}",
            };
            if (wrong is not null)
            {
                return wrong;
            }
        }

        if (n is null)
        {
            return "n is missing; it is an integer from 1";
        }

        if (hostnames.Count > n)
        {
            return isAdd
                ? $"Length of hostname list is more than newly added instances: {hostnames.Count} hostnames, n is {n}"
                : $"Length of hostname list is more than removable instances: {hostnames.Count} hostnames, n is {n}";
        }

        request = new ChangeRequest(n.Value, hostnames, weight);
        return null;
    }

    private static string? ReadInteger(string name, JsonElement value, int most, out int? integer)
    {
        integer = null;
        string allowed = most == int.MaxValue ? "an integer from 1" : $"an integer from 1 to {most}";
        if (value.ValueKind != JsonValueKind.Number)
        {
            return $"{name} is {Show(value)}, which is {Kind(value)}; allowed is {allowed}";
        }

        if (!value.TryGetInt32(out int number) || number < 1 || number > most)
        {
            return $"{name} is {Show(value)}; allowed is {allowed}";
        }

        integer = number;
        return null;
    }

    private static string? ReadWeight(JsonElement value, out int weight)
    {
        string? wrong = ReadInteger("weight", value, Limits.WeightAtMost, out int? read);
        weight = read ?? 1;
        return wrong;
    }

    private static string? ReadNames(JsonElement value, List<string> names)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return $"hostnames is {Show(value)}, which is {Kind(value)}; allowed is a list of texts";
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.String)
            {
                return $"hostnames has {Show(item)} in it, which is {Kind(item)}; allowed are texts";
            }

            if (!TryText(item, out string name))
            {
                return "hostnames has a text in it that is not valid Unicode";
            }

            if (WrongName(name) is { } wrong)
            {
                return wrong;
            }

            if (!seen.Add(name))
            {
                return $"hostname '{name}' is there more than once";
            }

            names.Add(name);
        }

        return null;
    }

    private static string? WrongName(string name)
    {
        if (name.Length == 0)
        {
            return "a hostname is empty";
        }

        if (name.Length > NameChars)
        {
            return $"hostname '{Shorten(name)}' has {name.Length} characters; allowed are {NameChars}";
        }

        return char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(NameCharacters)
            ? null
            : $"hostname '{name}' is not of the form {NameRule}";
    }

    // Half of a surrogate pair, escaped, is valid JSON, but not text.
    private static bool TryText(JsonElement element, out string text)
    {
        try
        {
            text = element.GetString()!;
            return true;
        }
        catch (InvalidOperationException)
        {
            text = "";
            return false;
        }
    }

    private static bool TryName(JsonProperty property, out string name)
    {
        try
        {
            name = property.Name;
            return true;
        }
        catch (InvalidOperationException)
        {
            name = "";
            return false;
        }
    }

    private static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a truth value",
        JsonValueKind.Array => "a list",
        JsonValueKind.Object => "an object",
        _ => "nothing",
    };

    private static string Show(JsonElement value) => Shorten(value.GetRawText());

    private static string Shorten(string text) => text.Length <= ShownChars ? text : text[..ShownChars] + "…";
}
