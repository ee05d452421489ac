using System.Globalization;
using Edge.Control;

namespace Edge.Cli;

/// <summary>
/// What <c>edge top</c> shows: a head, a list of services with their replicas that is scrolled, and the keys. Nothing is cut off: what is wider than the
/// window goes on in the next line, and each line can be scrolled to.
/// </summary>
internal sealed class TopView
{
    // So many columns the figures take beside the names, and a terminal has 80.
    private const int FiguresWidth = 59;
    private const int NameAtLeast = 12;

    private TopOrder _order;
    private bool _hidesReplicas;
    private int _first;
    private int _room = 1;
    private int _lines;

    /// <summary>The keys, for the help.</summary>
    internal const string Keys = "Arrow keys, PgUp, PgDn, Home and End scroll. n, r, e, l and f sort by name, requests a second, errors, latency (p99) and "
        + "requests in flight. o hides the replicas, or shows them again. q ends it.";

    private const string Footer = "q ends; arrows PgUp PgDn scroll; n r e l f sort; o replicas";

    /// <summary>A key was pressed; what it changes shows in the next frame.</summary>
    internal void Press(ConsoleKeyInfo key)
    {
        int page = Math.Max(1, _room - 1);
        _first = key.Key switch
        {
            ConsoleKey.DownArrow => _first + 1,
            ConsoleKey.UpArrow => _first - 1,
            ConsoleKey.PageDown or ConsoleKey.Spacebar => _first + page,
            ConsoleKey.PageUp => _first - page,
            ConsoleKey.Home => 0,
            ConsoleKey.End => _lines,
            _ => _first,
        };
        switch (char.ToLowerInvariant(key.KeyChar))
        {
            case 'n':
                Sort(TopOrder.Name);
                break;
            case 'r':
                Sort(TopOrder.Rate);
                break;
            case 'e':
                Sort(TopOrder.Errors);
                break;
            case 'l':
                Sort(TopOrder.Latency);
                break;
            case 'f':
                Sort(TopOrder.InFlight);
                break;
            case 'o':
                _hidesReplicas = !_hidesReplicas;
                _first = 0;
                break;
        }
    }

    /// <summary>What the window shows.</summary>
    /// <param name="status">The last one that was read.</param>
    /// <param name="trouble">Why there is none that is newer; empty if there is.</param>
    /// <param name="colours">Whether styles become colours.</param>
    /// <param name="columns">The width of the window.</param>
    /// <param name="rows">Its height.</param>
    internal string Frame(StatusReport status, string trouble, bool colours, int columns, int rows)
    {
        var head = new TextTable();
        AddHead(head, status);
        if (trouble.Length > 0)
        {
            head.Line(new StyledText($"{trouble}; this was known before", TextStyle.Bad));
        }

        bool several = status.Services is { Count: > 0 };
        int name = Math.Max(NameAtLeast, columns - FiguresWidth);
        var body = new TextTable();
        StatusText.AddRefused(body, status);
        foreach (TopService service in Sorted(TopService.AllOf(status)))
        {
            AddService(body, service, several, name);
        }

        body.Line();
        StatusText.AddLoops(body, status);
        IReadOnlyList<StyledText[]> top = head.Wrapped(columns), all = body.Wrapped(columns);
        var frame = new TextTable();
        top.Take(rows - 4).ToList().ForEach(frame.Line);
        AddHeadings(frame, several, name);
        _room = Math.Max(1, rows - frame.Count - 1);
        _lines = all.Count;
        _first = Math.Clamp(_first, 0, Math.Max(0, _lines - _room));
        foreach (int i in Enumerable.Range(_first, _room))
        {
            frame.Line(i < _lines ? all[i] : []);
        }

        frame.Line(new StyledText($"{Footer} | {_first + 1}-{Math.Min(_first + _room, _lines)} of {_lines}", TextStyle.Faint));
        return frame.Frame(colours, columns, rows);
    }

    private void Sort(TopOrder order) => (_order, _first) = (order, 0);

    private static void AddHead(TextTable head, StatusReport status)
    {
        StatusText.AddTitle(head, status);
        if (status.Services is { Count: > 0 })
        {
            TopService[] all = [.. TopService.AllOf(status)];
            int up = all.Count(service => service.State == "up");
            TextStyle style = up == all.Length ? TextStyle.Good : TextStyle.Warn;
            head.Line([new StyledText($"{up} of {all.Length} services up", style), .. StatusText.Traffic(status.Traffic)]);
        }
        else
        {
            head.Line(StatusText.Summary(status.Fleet, status.Traffic));
        }
    }

    private void AddHeadings(TextTable frame, bool several, int name)
    {
        if (several)
        {
            frame.Line(Heading(name, "SERVICE", "STATE", "UP", "REQ/S", "P50", "P99", "FLIGHT", "ERRORS", "WAIT"));
        }

        if (!several || !_hidesReplicas)
        {
            frame.Line(Heading(name, several ? "  REPLICA" : "REPLICA", "STATE", "WGHT", "REQ/S", "P50", "P99", "FLIGHT", "FAILED", "STRT"));
        }
    }

    private static StyledText[] Heading(int name, params string[] cells) =>
        [.. Row(name, [.. cells.Select(cell => new StyledText(cell))]).Select(piece => piece with { TextStyle = TextStyle.Faint })];

    private void AddService(TextTable body, TopService service, bool several, int name)
    {
        string indent = several ? "  " : "";
        if (several)
        {
            body.Line(Row(name, service.Cells()));
        }

        foreach (string notice in service.Notices)
        {
            body.Line(new StyledText($"{indent}{notice}", TextStyle.Bad));
        }

        if (several && _hidesReplicas)
        {
            return;
        }

        foreach (ReplicaReport replica in Sorted(service.Replicas))
        {
            body.Line(Row(name, TopService.Cells(replica, indent)));
            if (replica.State != "healthy" || replica.OnTrial)
            {
                body.Line(new StyledText($"{indent}  {replica.Why}", TextStyle.Faint));
            }
        }

        foreach (IgnoredReport ignored in service.Ignored)
        {
            body.Line(new StyledText($"{indent}{ignored.Name} is passed over: {ignored.Why}", TextStyle.Warn));
        }
    }

    private IEnumerable<TopService> Sorted(IEnumerable<TopService> all) =>
        Sorted(all, one => one.Traffic.Recent, one => one.Traffic.Errors, one => one.Traffic.InFlight);

    private IEnumerable<ReplicaReport> Sorted(IEnumerable<ReplicaReport> all) => Sorted(all, one => one.Recent, one => one.Failures, one => one.InFlight);

    // Equal ones stay in the order of their names.
    private IEnumerable<T> Sorted<T>(IEnumerable<T> all, Func<T, RecentReport> recent, Func<T, long> errors, Func<T, long> inFlight) => _order switch
    {
        TopOrder.Rate => all.OrderByDescending(one => recent(one).RequestsPerSecond),
        TopOrder.Errors => all.OrderByDescending(errors),
        TopOrder.Latency => all.OrderByDescending(one => recent(one).LatencyMilliseconds?.P99 ?? -1),
        TopOrder.InFlight => all.OrderByDescending(inFlight),
        _ => all,
    };

    // Each cell is as wide as its column, and what does not fit into that of the name goes on in a line of its own.
    private static StyledText[] Row(int name, StyledText[] cells)
    {
        ReadOnlySpan<int> widths = [0, 10, 5, 6, 7, 7, 6, 6, 4];
        var row = new List<StyledText> { cells[0] with { Text = cells[0].Text.PadRight(name) } };
        if (cells[0].Text.Length > name)
        {
            // As wide as the window, so that the figures begin the next line.
            row[0] = cells[0] with { Text = cells[0].Text.PadRight(name + FiguresWidth) };
            row.Add(new string(' ', name));
        }

        for (int i = 1; i < cells.Length; i++)
        {
            row.Add(" ");
            row.Add(cells[i] with { Text = i == 1 ? cells[i].Text.PadRight(widths[i]) : cells[i].Text.PadLeft(widths[i]) });
        }

        return [.. row];
    }

    /// <summary>A number in up to six characters.</summary>
    internal static string Short(double number) => number switch
    {
        >= 1e7 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e6:0}M"),
        >= 1e6 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e6:0.0}M"),
        >= 1e5 => string.Create(CultureInfo.InvariantCulture, $"{number / 1e3:0}k"),
        _ => Math.Round(number, number >= 100 ? 0 : 1).ToString(CultureInfo.InvariantCulture),
    };
}
