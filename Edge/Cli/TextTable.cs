using System.Globalization;
using System.Text;

namespace Edge.Cli;

/// <summary>Lines of styled text. Styles become colours only if the caller asks for them.</summary>
internal sealed class TextTable
{
    private readonly List<StyledText[]> _lines = [];

    internal void Line(params StyledText[] pieces) => _lines.Add(pieces);

    /// <summary>How many lines there are.</summary>
    internal int Count => _lines.Count;

    /// <summary>The lines, with those that are wider than a window going on in the next one.</summary>
    internal IReadOnlyList<StyledText[]> Wrapped(int columns)
    {
        var all = new List<StyledText[]>();
        foreach (StyledText[] line in _lines)
        {
            int left = columns;
            var now = new List<StyledText>();
            foreach (StyledText piece in line)
            {
                string text = piece.Text;
                while (text.Length > left)
                {
                    now.Add(piece with { Text = text[..left] });
                    all.Add([.. now]);
                    now.Clear();
                    text = text[left..];
                    left = columns;
                }

                now.Add(piece with { Text = text });
                left -= text.Length;
            }

            all.Add([.. now]);
        }

        return all;
    }

    /// <summary>Rows of equally many cells, aligned.</summary>
    /// <param name="rows">The first is the heading.</param>
    /// <param name="numbers">The columns that are aligned to the right.</param>
    internal void Table(IReadOnlyList<StyledText[]> rows, params int[] numbers)
    {
        int[] widths = [.. Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Text.Length))];
        foreach (StyledText[] row in rows)
        {
            var line = new List<StyledText>();
            for (int column = 0; column < row.Length; column++)
            {
                StyledText cell = row[column];
                int room = widths[column];
                bool isLast = column == row.Length - 1;
                string text = numbers.Contains(column) ? cell.Text.PadLeft(room) : isLast ? cell.Text : cell.Text.PadRight(room);
                line.Add(cell with { Text = text });
                if (!isLast)
                {
                    line.Add("  ");
                }
            }

            _lines.Add([.. line]);
        }
    }

    /// <summary>Writes all lines.</summary>
    /// <param name="output">The destination.</param>
    /// <param name="colours">Whether styles become escape sequences (ECMA-48, SGR).</param>
    internal void Write(TextWriter output, bool colours)
    {
        foreach (StyledText[] line in _lines)
        {
            output.WriteLine(Text(line, colours, int.MaxValue));
        }
    }

    /// <summary>The lines as they fit into a window: longer lines and further lines are cut.</summary>
    internal string Frame(bool colours, int columns, int rows)
    {
        var frame = new StringBuilder("\e[H");
        for (int i = 0; i < Math.Min(_lines.Count, rows); i++)
        {
            // Each line is written over the old one, and the rest of the old one is erased, so nothing flickers.
            frame.Append(i > 0 ? "\r\n" : "").Append(Text(_lines[i], colours, columns)).Append("\e[K");
        }

        return frame.Append("\e[J").ToString();
    }

    private static string Text(StyledText[] line, bool colours, int columns)
    {
        var text = new StringBuilder();
        int left = columns;
        int end = Array.FindLastIndex(line, piece => piece.Text.AsSpan().Trim().Length > 0);
        for (int i = 0; i <= end && left > 0; i++)
        {
            string piece = i == end ? line[i].Text.TrimEnd() : line[i].Text;
            piece = piece.Length <= left ? piece : piece[..left];
            left -= piece.Length;
            string? code = colours ? CodeOf(line[i].TextStyle) : null;
            text.Append(code is null ? piece : string.Create(CultureInfo.InvariantCulture, $"\e[{code}m{piece}\e[0m"));
        }

        return text.ToString();
    }

    private static string? CodeOf(TextStyle style) => style switch
    {
        TextStyle.Strong => "1",
        TextStyle.Faint => "2",
        TextStyle.Good => "32",
        TextStyle.Warn => "33",
        TextStyle.Bad => "31",
        TextStyle.Busy => "34",
        _ => null,
    };
}
