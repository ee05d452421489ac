using System.Text;

namespace Edge.Config;

/// <summary>What the answers of a service carry in any case, and never.</summary>
internal sealed record AnswerOptions
{
    /// <summary>The longest field, name and value together, in bytes.</summary>
    private const int FieldBytes = 1024;

    // Fields of the hop, fields that frame or code a message, and those that the balancer writes itself and has other options for.
    private static readonly HashSet<string> s_reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Content-Length", "Content-Encoding",
        "Content-Range", "Date", "Via", "X-Edge-Replica",
    };

    private (string Name, string Value)[] _fields = [];

    public string[] Set
    {
        get;
        set => (field, _fields) = (value, [.. value.Select(text => OptionValues.Require(text, ParseField(text)))]);
    } = [];

    public string[] Remove { get; set; } = [];

    public RedirectOptions[] Redirects { get; set; } = [];

    /// <summary>The path of a file; empty for none.</summary>
    public string ErrorPage { get; set; } = "";

    /// <summary>What was read from <see cref="ErrorPage"/>; null for nothing.</summary>
    internal byte[]? Page { get; init; }

    /// <summary>The path of a file; empty for none.</summary>
    public string MaintenancePage { get; set; } = "";

    /// <summary>What was read from <see cref="MaintenancePage"/>; null for nothing.</summary>
    internal byte[]? WhileStopped { get; init; }

    /// <summary>The parsed <see cref="Set"/>.</summary>
    internal IReadOnlyList<(string Name, string Value)> Fields() => _fields;

    /// <summary>"Name: value", the value of visible characters of ASCII with spaces and tabs between them (RFC 9110 §5.5).</summary>
    internal static (string Name, string Value)? ParseField(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0 || text.Length > FieldBytes || !IsFree(text[..colon]))
        {
            return null;
        }

        string value = text[(colon + 1)..].Trim(' ', '\t');
        return value.Length > 0 && value.All(c => c is '\t' or (>= ' ' and < '\x7f')) ? (text[..colon], value) : null;
    }

    /// <summary>Whether a field with this name may be set and removed: it neither frames a message nor belongs to the hop.</summary>
    internal static bool IsFree(string name) => name.Length <= FieldBytes && OptionValues.IsToken(name) && !s_reserved.Contains(name);

    /// <summary>Checks values that depend on each other.</summary>
    /// <param name="answers">Of one service.</param>
    /// <param name="section">The key that its sections are below: <c>Edge</c> for the default service.</param>
    /// <param name="mistakes">Gets what is wrong.</param>
    internal static void CheckTogether(AnswerOptions answers, string section, List<OptionMistake> mistakes)
    {
        RedirectOptions.CheckTogether(answers.Redirects, section, mistakes);
        int bytes = answers.Fields().Sum(field => Encoding.ASCII.GetByteCount($"{field.Name}: {field.Value}\r\n"));
        if (bytes > Limits.FixedFieldBytes)
        {
            mistakes.Add(new($"{section}:Answers:Set", $"{bytes} bytes", $"allowed are {Limits.FixedFieldBytes} bytes in all"));
        }
    }
}
