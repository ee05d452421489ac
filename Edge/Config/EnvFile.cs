using System.Text;

namespace Edge.Config;

/// <summary>A file with the environment of new containers, in the format of <c>docker run --env-file</c>.</summary>
internal static class EnvFile
{
    /// <summary>
    /// Reads the file. A line is NAME=value, and everything behind the first = belongs to the value; or NAME alone, for the value in the balancer's
    /// own environment, or none if it has none there. Empty lines and lines that begin with # are skipped.
    /// </summary>
    /// <param name="path">Of the file.</param>
    /// <param name="own">The value of a variable of the balancer; null where it has none.</param>
    /// <param name="mistakes">Gets the mistakes, with the numbers of the lines and never their text, which may be a secret.</param>
    /// <returns>Each variable as NAME=value.</returns>
    internal static IReadOnlyList<string> Read(string path, Func<string, string?> own, List<OptionMistake> mistakes)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(ReadBytes(path));
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or DecoderFallbackException)
        {
            Mistake(failed is DecoderFallbackException ? "the file is not UTF-8" : $"the file cannot be read: {failed.Message}");
            return [];
        }

        var variables = new List<string>();
        string[] lines = text.TrimStart('\ufeff').Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i].TrimStart().TrimEnd('\r');
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            int equals = line.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? line : line[..equals];
            if (name.Length == 0 || name.Any(char.IsWhiteSpace) || line.Contains('\0', StringComparison.Ordinal))
            {
                string why = name.Length == 0 ? "it has no name" : "its name has a space in it, or it has a zero byte";
                Mistake($"line {i + 1} is not NAME=value or NAME: {why}");
            }
            else if (equals >= 0)
            {
                variables.Add(line);
            }
            else if (own(name) is { } value)
            {
                variables.Add($"{name}={value}");
            }
        }

        return variables;

        void Mistake(string what) => mistakes.Add(new OptionMistake("Edge:Docker:EnvFile", path, what));
    }

    /// <summary>Reads to the end, because a pipe has no length.</summary>
    private static byte[] ReadBytes(string path)
    {
        using FileStream file = File.OpenRead(path);
        byte[] bytes = new byte[Limits.EnvFileBytes + 1];
        int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return length <= Limits.EnvFileBytes ? bytes[..length] : throw new IOException($"it has more than {Limits.EnvFileBytes} bytes");
    }
}
