using System.Text.Json;
using System.Text.RegularExpressions;
using Edge.Cli;
using Edge.Control;

namespace Edge.Tests.Cli;

public partial class TopViewTests
{
    private static readonly StatusReport s_one = JsonSerializer.Deserialize(Statuses.One, ContractJson.Readable.EnvelopeStatusReport)!.Message;

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes { get; }

    // Each with four replicas; the later ones have more requests, more errors and longer times.
    private static StatusReport Many(int services) => s_one with
    {
        Replicas = [],
        Ignored = [],
        Fleet = s_one.Fleet with { Owned = false, Members = 0, InRotation = 0 },
        Services =
        [
            .. Enumerable.Range(1, services).Select(i => new ServiceReport(
                $"app{i:00}", [$"app{i:00}.test"], false,
                new TrafficReport(1000 * i, i, i, i == 7 ? 3 : 0, new RecentReport(60, i, 0, new LatencyReport(i, i, i, 100 * i))),
                s_one.Fleet with { Members = 4, InRotation = i == 9 ? 3 : 4 },
                [
                    .. Enumerable.Range(1, 4).Select(k => s_one.Replicas[0] with
                    {
                        Name = $"app{i:00}_{k}",
                        State = i == 9 && k == 2 ? "unhealthy" : "healthy",
                        Why = $"the {i}th fails because of a reason that is longer than a window of eighty columns is wide, and ends here",
                        InFlight = k,
                    }),
                ],
                [])),
        ],
    };

    private static string[] Lines(TopView view, StatusReport status, int columns = 80, int rows = 24, string trouble = "") =>
        [.. Escapes.Replace(view.Frame(status, trouble, colours: true, columns, rows), "").Split("\r\n").Select(line => line.TrimEnd())];

    private static ConsoleKeyInfo Key(ConsoleKey key) => new('\0', key, false, false, false);

    private static ConsoleKeyInfo Letter(char letter) => new(letter, Enum.Parse<ConsoleKey>($"{char.ToUpperInvariant(letter)}"), false, false, false);

    // All that scrolling from the first page to the last one shows.
    private static HashSet<string> Scrolled(TopView view, StatusReport status, int columns = 80, int rows = 24)
    {
        var seen = new HashSet<string>();
        string[] page = [], before;
        do
        {
            before = page;
            page = Lines(view, status, columns, rows);
            seen.UnionWith(page);
            view.Press(Key(ConsoleKey.PageDown));
        }
        while (!page.SequenceEqual(before));
        return seen;
    }

    [Fact]
    public void Every_service_and_replica_can_be_scrolled_to_in_80_by_24_and_no_line_is_wider()
    {
        StatusReport status = Many(50);
        HashSet<string> seen = Scrolled(new TopView(), status);
        Assert.All(status.Services!, service => Assert.Single(seen, line => line.StartsWith(service.Name + " ", StringComparison.Ordinal)));
        Assert.All(status.Services!.SelectMany(service => service.Replicas),
            replica => Assert.Single(seen, line => line.StartsWith($"  {replica.Name} ", StringComparison.Ordinal)));
        Assert.All(seen, line => Assert.InRange(line.Length, 0, 80));
        Assert.Contains("    the 9th fails because of a reason that is longer than a window of eighty col", seen);
        Assert.Contains("umns is wide, and ends here", seen);
        Assert.Contains(seen, line => line.TrimStart().StartsWith("0  25 %", StringComparison.Ordinal));
    }

    [Fact]
    public void A_page_has_the_head_the_headings_as_much_as_there_is_room_for_and_the_keys()
    {
        string[] lines = Lines(new TopView(), Many(50));
        Assert.Equal(24, lines.Length);
        Assert.Equal("edge 1, fleet edge, up 00:01:01, pid 7", lines[0]);
        Assert.StartsWith("49 of 50 services up; 1234 requests/s, p50 0.25 ms, p99 123 ms, 2 in flight, 12", lines[1], StringComparison.Ordinal);
        Assert.Equal("SERVICE               STATE         UP  REQ/S     P50     P99 FLIGHT ERRORS WAIT", lines[3]);
        Assert.Equal("  REPLICA             STATE       WGHT  REQ/S     P50     P99 FLIGHT FAILED STRT", lines[4]);
        Assert.Equal("app01                 up           4/4      1    1 ms  100 ms      1      1    0", lines[5]);
        Assert.Equal("  app01_1             healthy    1.5/3   12.3 0.25 ms 12.3 ms      1      4    5", lines[6]);
        Assert.Equal("q ends; arrows PgUp PgDn scroll; n r e l f sort; o replicas | 1-18 of 255", lines[23]);
    }

    [Fact]
    public void Keys_scroll_within_the_list_and_not_beyond_its_ends()
    {
        var view = new TopView();
        StatusReport status = Many(50);
        string First() => Lines(view, status)[5].Split(' ', StringSplitOptions.RemoveEmptyEntries)[0];
        Assert.Equal("app01", First());
        view.Press(Key(ConsoleKey.UpArrow));
        Assert.Equal("app01", First());
        view.Press(Key(ConsoleKey.DownArrow));
        Assert.Equal("app01_1", First());
        view.Press(Key(ConsoleKey.Home));
        Assert.Equal("app01", First());
        view.Press(Key(ConsoleKey.End));
        Assert.EndsWith("238-255 of 255", Lines(view, status)[23], StringComparison.Ordinal);
        view.Press(Key(ConsoleKey.PageDown));
        Assert.EndsWith("238-255 of 255", Lines(view, status)[23], StringComparison.Ordinal);
        view.Press(Key(ConsoleKey.PageUp));
        Assert.EndsWith("221-238 of 255", Lines(view, status)[23], StringComparison.Ordinal);

        // When services go, what is left is in the window.
        Assert.Equal("app01", Lines(view, Many(1))[5].Split(' ')[0]);
    }

    [Theory]
    [InlineData('r', "app50")]
    [InlineData('e', "app50")]
    [InlineData('l', "app50")]
    [InlineData('f', "app50")]
    [InlineData('n', "app01")]
    public void Keys_sort(char key, string first)
    {
        var view = new TopView();
        view.Press(Key(ConsoleKey.End));
        view.Press(Letter(key));
        string[] lines = Lines(view, Many(50));
        Assert.StartsWith(first, lines[5], StringComparison.Ordinal);

        // Replicas within their service, too.
        Assert.StartsWith($"  {first}_{(key == 'f' ? 4 : 1)} ", lines[6], StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_hides_the_replicas_and_shows_them_again()
    {
        var view = new TopView();
        view.Press(Letter('o'));
        HashSet<string> seen = Scrolled(view, Many(50));
        Assert.DoesNotContain(seen, line => line.Contains("app01_", StringComparison.Ordinal) || line.Contains("REPLICA", StringComparison.Ordinal));
        Assert.Contains(seen, line => line.StartsWith("app09                 degraded     3/4", StringComparison.Ordinal));
        view.Press(Letter('o'));
        Assert.Contains(Scrolled(view, Many(50)), line => line.StartsWith("  app01_1", StringComparison.Ordinal));
    }

    [Fact]
    public void A_service_that_a_call_has_stopped_is_shown_as_that_whatever_its_replicas_are()
    {
        StatusReport status = Many(3);
        status = status with { Services = [.. status.Services!.Select((service, i) => service with { State = i == 1 ? "stopped" : "open" })] };
        HashSet<string> seen = Scrolled(new TopView(), status);
        Assert.Contains(seen, line => line.StartsWith("app02                 stopped ", StringComparison.Ordinal));
        Assert.DoesNotContain(seen, line => line.StartsWith("app01                 stopped ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_route_that_somebody_does_not_get_is_told_first()
    {
        StatusReport status = Many(2) with { RoutesRefused = [new IgnoredReport("web", "the host shop.test is app01's")] };
        Assert.Equal("web does not get its route: the host shop.test is app01's", Lines(new TopView(), status)[5]);
        using var all = new StringWriter();
        StatusText.Of(status).Write(all, colours: false);
        Assert.Contains("web does not get its route: the host shop.test is app01's", all.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_single_service_has_no_line_of_its_own()
    {
        string[] lines = Lines(new TopView(), s_one);
        Assert.StartsWith("1 of 2 in rotation; 1234 requests/s", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("REPLICA ", lines[3], StringComparison.Ordinal);
        Assert.StartsWith("server_1 ", lines[4], StringComparison.Ordinal);
        Assert.StartsWith("server_10             crash loop", lines[5], StringComparison.Ordinal);
        Assert.Equal("  exit code 1", lines[6]);
        Assert.Equal("web is passed over: it is on the network b and not on net", lines[7]);
    }

    [Fact]
    public void Trouble_is_told_above_the_list_and_a_small_window_still_has_a_line_of_it()
    {
        Assert.Contains("it cannot be reached; this was known before", Lines(new TopView(), Many(3), trouble: "it cannot be reached"));
        string[] lines = Lines(new TopView(), Many(3), columns: 40, rows: 5);
        Assert.Equal(5, lines.Length);
        Assert.StartsWith("app01 ", lines[3], StringComparison.Ordinal);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 40));
    }

    [Fact]
    public void One_service_alone_can_be_shown_the_default_one_as_well()
    {
        StatusReport status = Many(3) with { Replicas = s_one.Replicas, Unrouted = s_one.Traffic with { Requests = 3 } };
        StatusReport shop = TopService.Only(status, "app02")!;
        string[] lines = Lines(new TopView(), shop);
        Assert.StartsWith("4 of 4 in rotation; 2 requests/s", lines[1], StringComparison.Ordinal);
        Assert.DoesNotContain(lines, line => line.Contains("app01", StringComparison.Ordinal));
        Assert.Equal((3, 2), (TopService.Only(status, "default")!.Traffic.Requests, TopService.Only(status, "default")!.Replicas.Count));
        Assert.Null(TopService.Only(status, "nothing"));
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(12.34, "12.3")]
    [InlineData(1234.5, "1234")]
    [InlineData(99_999, "99999")]
    [InlineData(123_456, "123k")]
    [InlineData(1_234_567, "1.2M")]
    [InlineData(123_456_789, "123M")]
    public void A_number_has_six_characters_at_most(double number, string text) => Assert.Equal(text, TopView.Short(number));
}
