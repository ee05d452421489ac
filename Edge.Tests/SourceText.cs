using System.Text;

namespace Edge.Tests;

/// <summary>C# source without what only looks like code: comments, and the contents of strings and characters.</summary>
internal static class SourceText
{
    internal static string CodeOf(string source)
    {
        var code = new StringBuilder(source.Length);
        int at = 0;
        Code(source, ref at, code, braces: 0);
        return code.ToString();
    }

    // Copies code up to the end, or up to the run of closing braces that ends the hole of an interpolated string.
    private static void Code(string source, ref int at, StringBuilder code, int braces)
    {
        int depth = 0;
        while (at < source.Length)
        {
            string rest = source.Length - at >= 2 ? source.Substring(at, 2) : source[at..];
            if (rest == "//")
            {
                at = IndexOrEnd(source, "\n", at);
            }
            else if (rest == "/*")
            {
                at = Math.Min(source.Length, IndexOrEnd(source, "*/", at) + 2);
                code.Append(' ');
            }
            else if (source[at] == '\'')
            {
                at++;
                while (at < source.Length && source[at] != '\'')
                {
                    at += source[at] == '\\' ? 2 : 1;
                }

                at++;
                code.Append("''");
            }
            else if (StringStart(source, at) is { } start)
            {
                at += start.Length;
                code.Append("\"\"");
                Text(source, ref at, code, start);
            }
            else if (braces > 0 && depth == 0 && source[at] == '}')
            {
                at += braces;
                return;
            }
            else
            {
                depth += source[at] == '{' ? 1 : source[at] == '}' ? -1 : 0;
                code.Append(source[at++]);
            }
        }
    }

    // Passes over the text of a string; the code in its holes is kept, between blanks.
    private static void Text(string source, ref int at, StringBuilder code, Opening start)
    {
        while (at < source.Length)
        {
            if (start.Quotes >= 3 && Run(source, at, '"') >= start.Quotes)
            {
                at += Run(source, at, '"');
                return;
            }

            if (start.Quotes == 1 && source[at] == '"')
            {
                if (!start.Verbatim || Run(source, at, '"') < 2)
                {
                    at++;
                    return;
                }

                at += 2;
            }
            else if (start.Quotes == 1 && !start.Verbatim && source[at] == '\\')
            {
                at += 2;
            }
            else if (start.Braces > 0 && source[at] == '{')
            {
                int run = Run(source, at, '{');
                at += run;
                if (start.Quotes == 1 ? run % 2 == 1 : run >= start.Braces)
                {
                    code.Append(' ');
                    Code(source, ref at, code, start.Braces);
                    code.Append(' ');
                }
            }
            else
            {
                at++;
            }
        }
    }

    private static Opening? StringStart(string source, int at)
    {
        int i = at;
        bool verbatim = false;
        int dollars = 0;
        while (i < source.Length && source[i] is '$' or '@')
        {
            verbatim |= source[i] == '@';
            dollars += source[i] == '$' ? 1 : 0;
            i++;
        }

        int quotes = Run(source, i, '"');
        if (quotes == 0)
        {
            return null;
        }

        // Two quotes are an empty string, unless verbatim ones begin with a quote; three or more begin a raw string.
        quotes = quotes >= 3 && !verbatim ? quotes : 1;
        return new Opening(i - at + quotes, quotes, dollars, verbatim);
    }

    private static int Run(string source, int at, char what)
    {
        int length = 0;
        while (at + length < source.Length && source[at + length] == what)
        {
            length++;
        }

        return length;
    }

    private static int IndexOrEnd(string source, string what, int from) =>
        source.IndexOf(what, from, StringComparison.Ordinal) is var found and >= 0 ? found : source.Length;

    /// <param name="Length">How many characters open the string.</param>
    /// <param name="Quotes">How many quotes end it.</param>
    /// <param name="Braces">How many braces open a hole; 0 where it has none.</param>
    /// <param name="Verbatim">Whether a backslash is an ordinary character.</param>
    private readonly record struct Opening(int Length, int Quotes, int Braces, bool Verbatim);
}
