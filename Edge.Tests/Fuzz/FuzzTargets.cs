using System.Text;

namespace Edge.Tests.Fuzz;

/// <summary>Something that must hold for every input does not.</summary>
internal sealed class FuzzException(string what) : Exception(what);

/// <summary>What is fuzzed: each target takes any bytes, and throws where something does not hold.</summary>
internal interface IFuzzTarget : IDisposable
{
    /// <summary>Runs one input. The same input gives the same result, whatever came before it.</summary>
    void Run(ReadOnlySpan<byte> input);
}

/// <summary>The targets by name, and how to say what broke.</summary>
internal static class FuzzTargets
{
    /// <summary>The target "exchange" with streams in memory: its inputs are those of that one.</summary>
    internal const string InMemory = "exchange-in-memory";

    internal static readonly IReadOnlyList<string> Names = ["request", "response", "exchange"];

    internal static IFuzzTarget Make(string name) => name switch
    {
        "request" => new RequestTarget(),
        "response" => new ResponseTarget(),
        "exchange" => new ExchangeTarget(isInMemory: false),
        InMemory => new ExchangeTarget(isInMemory: true),
        _ => throw new ArgumentException($"there is no target {name}; there are {string.Join(", ", Names)} and {InMemory}"),
    };

    internal static void Check(bool holds, string what)
    {
        if (!holds)
        {
            throw new FuzzException(what);
        }
    }

    /// <summary>One character a byte.</summary>
    internal static string Text(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>Fit for a message: control characters as escapes, at most some hundred characters.</summary>
    internal static string Show(string text)
    {
        var shown = new StringBuilder();
        foreach (char c in text.Length > 400 ? text[..400] : text)
        {
            _ = c switch
            {
                '\r' => shown.Append("\\r"),
                '\n' => shown.Append("\\n"),
                < ' ' or > '~' => shown.Append($"\\x{(int)c:x2}"),
                _ => shown.Append(c),
            };
        }

        return shown.Append(text.Length > 400 ? "…" : "").ToString();
    }
}
