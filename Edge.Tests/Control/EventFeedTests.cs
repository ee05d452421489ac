using System.Text;
using System.Text.Json;
using Edge.Config;
using Edge.Control;
using Edge.Tests.Fleet;

namespace Edge.Tests.Control;

public class EventFeedTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private readonly EventFeed _feed = new(TimeProvider.System);

    [Fact]
    public async Task An_event_has_an_id_a_name_and_one_line_of_data()
    {
        using EventListener listener = _feed.Listen(null)!;
        await NextAsync(listener);
        _feed.Publish("call_add", "one\nline \"quoted\"");
        string[] lines = (await NextAsync(listener)).Split('\n');
        Assert.Matches("^id: [0-9a-f]+-0$", lines[0]);
        Assert.Equal("event: call_add", lines[1]);
        JsonElement data = JsonDocument.Parse(lines[2]["data: ".Length..]).RootElement;
        Assert.Equal(["time", "event", "why"], data.EnumerateObject().Select(p => p.Name));
        Assert.Equal("one\nline \"quoted\"", data.GetProperty("why").GetString());
        Assert.Equal(["", ""], lines[3..]);
    }

    [Fact]
    public async Task One_who_comes_back_gets_what_it_missed()
    {
        string last;
        using (EventListener first = _feed.Listen(null)!)
        {
            Assert.Contains("{\"resumed\":false}", await NextAsync(first));
            _feed.Publish("a", null);
            last = IdIn(await NextAsync(first));
        }

        _feed.Publish("b", null);
        _feed.Publish("c", null);
        using EventListener again = _feed.Listen(last)!;
        Assert.Contains("{\"resumed\":true}", await NextAsync(again));
        Assert.Equal(["b", "c"], NamesIn(await NextAsync(again)));
    }

    [Fact]
    public async Task The_greeting_has_an_id_to_come_back_with()
    {
        _feed.Publish("a", null);
        string last;
        using (EventListener first = _feed.Listen(null)!)
        {
            last = IdIn(await NextAsync(first));
        }

        _feed.Publish("b", null);
        using EventListener again = _feed.Listen(last)!;
        Assert.Contains("{\"resumed\":true}", await NextAsync(again));
        Assert.Equal(["b"], NamesIn(await NextAsync(again)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("0-0")]
    [InlineData("{epoch}-")]
    [InlineData("{epoch}-99")]
    [InlineData("{epoch}--2")]
    [InlineData("{epoch}-9223372036854775807")]
    [InlineData("{epoch}-0")]
    public async Task An_id_that_is_too_old_or_anothers_begins_anew(string id)
    {
        string epoch;
        using (EventListener first = _feed.Listen(null)!)
        {
            epoch = IdIn(await NextAsync(first)).Split('-')[0];
        }

        for (int i = 0; i < Limits.EventsKept + 2; i++)
        {
            _feed.Publish("a", null);
        }

        using EventListener listener = _feed.Listen(id.Replace("{epoch}", epoch, StringComparison.Ordinal))!;
        bool isKnown = id.EndsWith("-99", StringComparison.Ordinal);
        Assert.Contains(isKnown ? "{\"resumed\":true}" : "{\"resumed\":false}", await NextAsync(listener));
        _feed.Publish("b", null);
        Assert.Equal(isKnown ? "a" : "b", NamesIn(await NextAsync(listener))[0]);
    }

    [Fact]
    public async Task Pieces_are_bounded_and_hold_whole_events()
    {
        using EventListener listener = _feed.Listen(null)!;
        await NextAsync(listener);
        for (int i = 0; i < 100; i++)
        {
            _feed.Publish($"e{i}", new string('x', 1000));
        }

        var names = new List<string>();
        while (names.Count < 100)
        {
            string piece = await NextAsync(listener);
            Assert.InRange(piece.Length, 1, Limits.LocalReplyPieceBytes);
            Assert.EndsWith("\n\n", piece, StringComparison.Ordinal);
            names.AddRange(NamesIn(piece));
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"e{i}"), names);
    }

    [Fact]
    public async Task An_event_with_too_many_words_is_told_without_them()
    {
        using EventListener listener = _feed.Listen(null)!;
        await NextAsync(listener);
        _feed.Publish("long", new string('x', Limits.EventBytes));
        Assert.DoesNotContain("xx", await NextAsync(listener));
    }

    [Fact]
    public async Task One_that_is_too_slow_is_cut()
    {
        using EventListener slow = _feed.Listen(null)!;
        await NextAsync(slow);
        for (int i = 0; i < Limits.EventsKept; i++)
        {
            _feed.Publish("a", null);
        }

        Assert.NotEqual("", await NextAsync(slow));
        for (int i = 0; i < Limits.EventsKept; i++)
        {
            _feed.Publish("a", null);
        }

        Assert.Equal("", await NextAsync(slow));
    }

    [Fact]
    public async Task At_the_end_listeners_get_what_there_is_and_no_more_are_let_in()
    {
        using EventListener listener = _feed.Listen(null)!;
        await NextAsync(listener);
        ValueTask<ReadOnlyMemory<byte>> waiting = listener.NextAsync();
        _feed.Publish("draining", null);
        _feed.Close();
        Assert.Equal(
            ["draining"], NamesIn(Encoding.UTF8.GetString((await waiting.AsTask().WaitAsync(s_patience, TestContext.Current.CancellationToken)).Span)));
        Assert.Equal("", await NextAsync(listener));
        Assert.Null(_feed.Listen(null));
        _feed.Publish("late", null);
    }

    [Fact]
    public async Task A_wait_ends_with_the_listener_and_its_place_is_free()
    {
        EventListener listener = _feed.Listen(null)!;
        await NextAsync(listener);
        ValueTask<ReadOnlyMemory<byte>> waiting = listener.NextAsync();
        listener.Dispose();
        listener.Dispose();
        Assert.True((await waiting.AsTask().WaitAsync(s_patience, TestContext.Current.CancellationToken)).IsEmpty);
        Assert.Equal(0, _feed.Listeners);
    }

    [Fact]
    public async Task A_heartbeat_is_sent_where_nothing_happens()
    {
        var journal = new Journal();
        var time = new FakeTime(journal);
        using EventListener listener = new EventFeed(time).Listen(null)!;
        await NextAsync(listener);
        ValueTask<ReadOnlyMemory<byte>> waiting = listener.NextAsync();
        time.Advance(EventListener.Heartbeat);
        Assert.Equal(": \n\n", Encoding.UTF8.GetString((await waiting.AsTask().WaitAsync(s_patience, TestContext.Current.CancellationToken)).Span));
    }

    [Fact]
    public async Task Each_change_of_the_fleet_is_an_event()
    {
        await using FleetFixture fleet = await FleetFixture.StartAsync(1);
        _feed.Look(fleet.Manager.Snapshot);
        fleet.Manager.Changed += snapshot => _feed.Look(snapshot);
        using EventListener listener = _feed.Listen(null)!;
        await NextAsync(listener);
        await fleet.AddAsync(1);
        await fleet.RemoveAsync(1, "server_2");
        var seen = new List<string>();
        while (seen.Count < 4)
        {
            foreach (string line in (await NextAsync(listener)).Split('\n').Where(l => l.StartsWith("data: ", StringComparison.Ordinal)))
            {
                JsonElement data = JsonDocument.Parse(line["data: ".Length..]).RootElement;
                seen.Add($"{data.GetProperty("event")} {data.GetProperty("name")} {data.GetProperty("state")}");
            }
        }

        Assert.Equal(
            ["replica_added server_2 starting", "replica_state server_2 healthy", "replica_state server_2 draining", "replica_removed server_2 gone"],
            seen);
    }

    private static async Task<string> NextAsync(EventListener listener) =>
        Encoding.UTF8.GetString((await listener.NextAsync().AsTask().WaitAsync(s_patience, TestContext.Current.CancellationToken)).Span);

    private static string IdIn(string piece) => piece.Split('\n').Last(l => l.StartsWith("id: ", StringComparison.Ordinal))["id: ".Length..];

    private static string[] NamesIn(string piece) =>
        [.. piece.Split('\n').Where(l => l.StartsWith("event: ", StringComparison.Ordinal)).Select(l => l["event: ".Length..])];
}
