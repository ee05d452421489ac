using System.Text.Json;
using System.Text.RegularExpressions;

namespace Edge.Tests.Control;

/// <summary>
/// Holds JSON against the part of JSON Schema 2020-12 that the description uses. Stricter than the standard: a property that is
/// not described is a mistake, too. Remembers what it has seen, so that what is described and never sent can be found.
/// </summary>
internal sealed class Schema(JsonElement document)
{
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <summary>Every property that a schema of the document describes, as <c>schema.property</c>.</summary>
    internal IEnumerable<string> Described => document.GetProperty("components").GetProperty("schemas").EnumerateObject()
        .SelectMany(schema => schema.Value.TryGetProperty("properties", out JsonElement properties)
            ? properties.EnumerateObject().Select(property => $"{schema.Name}.{property.Name}") : []);

    /// <summary>Those of them that were in something that was checked, not being null.</summary>
    internal IReadOnlySet<string> Seen => _seen;

    /// <summary>What is wrong with a value, as sentences.</summary>
    internal IReadOnlyList<string> Check(JsonElement value, JsonElement schema)
    {
        var mistakes = new List<string>();
        Check(value, schema, "", "$", mistakes);
        return mistakes;
    }

    /// <summary>Follows a reference to its end.</summary>
    internal JsonElement Resolve(JsonElement element) => Resolve(element, out _);

    private JsonElement Resolve(JsonElement element, out string name)
    {
        name = "";
        while (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out JsonElement reference))
        {
            string[] path = reference.GetString()!.Split('/');
            Assert.Equal("#", path[0]);
            name = path[^1];
            element = path.Skip(1).Aggregate(document, (at, step) => at.GetProperty(step));
        }

        return element;
    }

    private void Check(JsonElement value, JsonElement schema, string schemaName, string at, List<string> mistakes)
    {
        schema = Resolve(schema, out string named);
        schemaName = named.Length > 0 ? named : schemaName;
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            string? mistake = keyword.Name switch
            {
                "description" or "format" or "required" or "items" or "properties" or "additionalProperties" => null,
                "type" => IsOfType(value, keyword.Value) ? null : $"is {value.ValueKind}, not {keyword.Value}",
                "const" => JsonElement.DeepEquals(value, keyword.Value) ? null : $"is not {keyword.Value}",
                "enum" => keyword.Value.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)) ? null : $"is none of {keyword.Value}",
                "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() >= keyword.Value.GetDouble() ? null : $"is below {keyword.Value}",
                "maximum" => value.ValueKind != JsonValueKind.Number || value.GetDouble() <= keyword.Value.GetDouble() ? null : $"is above {keyword.Value}",
                "minItems" => value.GetArrayLength() >= keyword.Value.GetInt32() ? null : "has too few items",
                "maxLength" => value.GetString()!.Length <= keyword.Value.GetInt32() ? null : "is too long",
                "pattern" => Regex.IsMatch(value.GetString()!, keyword.Value.GetString()!) ? null : $"does not match {keyword.Value}",
                "anyOf" => keyword.Value.EnumerateArray().Any(one => IsValid(value, one)) ? null : $"is none of {keyword.Value}",
                _ => $"has a schema with {keyword.Name}, which this test does not know",
            };
            if (mistake is not null)
            {
                mistakes.Add($"{at} {mistake}: {value}");
            }
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            CheckObject(value, schema, schemaName, at, mistakes);
        }
        else if (value.ValueKind == JsonValueKind.Array && schema.TryGetProperty("items", out JsonElement items))
        {
            int index = 0;
            foreach (JsonElement item in value.EnumerateArray())
            {
                Check(item, items, "", $"{at}[{index++}]", mistakes);
            }
        }
    }

    private bool IsValid(JsonElement value, JsonElement schema)
    {
        var mistakes = new List<string>();
        Check(value, schema, "", "", mistakes);
        return mistakes.Count == 0;
    }

    private void CheckObject(JsonElement value, JsonElement schema, string schemaName, string at, List<string> mistakes)
    {
        if (schema.TryGetProperty("anyOf", out _))
        {
            return;
        }

        schema.TryGetProperty("properties", out JsonElement properties);
        bool isOpen = schema.TryGetProperty("additionalProperties", out JsonElement others) && others.ValueKind == JsonValueKind.Object;
        foreach (JsonProperty property in value.EnumerateObject())
        {
            if (properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(property.Name, out JsonElement described))
            {
                if (property.Value.ValueKind != JsonValueKind.Null)
                {
                    _seen.Add($"{schemaName}.{property.Name}");
                }

                Check(property.Value, described, "", $"{at}.{property.Name}", mistakes);
            }
            else if (isOpen)
            {
                Check(property.Value, others, "", $"{at}.{property.Name}", mistakes);
            }
            else if (properties.ValueKind == JsonValueKind.Object)
            {
                mistakes.Add($"{at}.{property.Name} is not described");
            }
        }

        if (schema.TryGetProperty("required", out JsonElement required))
        {
            mistakes.AddRange(
                required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{at}.{name} is missing"));
        }
    }

    private static bool IsOfType(JsonElement value, JsonElement type) => type.ValueKind == JsonValueKind.Array
        ? type.EnumerateArray().Any(one => IsOfType(value, one))
        : type.GetString() switch
        {
            "string" => value.ValueKind == JsonValueKind.String,
            "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
            "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
            "number" => value.ValueKind == JsonValueKind.Number,
            "object" => value.ValueKind == JsonValueKind.Object,
            "array" => value.ValueKind == JsonValueKind.Array,
            "null" => value.ValueKind == JsonValueKind.Null,
            _ => false,
        };
}
