using Edge.Certificates;

namespace Edge.Tests.Certificates;

/// <summary>
/// When certificates are got and renewed, against an authority of the tests' own: the pebble of Debian 12 has neither renewal information nor profiles, and its
/// clock is the machine's.
/// </summary>
public sealed class AcmeManagerTests
{
    private static readonly TimeSpan s_hour = TimeSpan.FromHours(1);

    [Theory]
    [InlineData(90)]
    [InlineData(6)]
    public async Task A_certificate_is_renewed_in_the_last_third_of_its_life_and_not_before(int days)
    {
        await using var world = new FakeWorld();
        world.Authority.Life = TimeSpan.FromDays(days);
        AcmeManager manager = world.Manage(["a.example"]);
        for (int renewals = 1; renewals <= 3; renewals++)
        {
            await world.Logs.WaitAsync(renewals, "certificate_issued");
            CertificateEntry entry = Assert.Single(manager.Current);
            DateTimeOffset from = entry.Certificate.Facts.From;
            double part = (entry.RenewsAt!.Value - from) / (entry.Certificate.Facts.Until - from);
            Assert.InRange(part, 0.66, 0.75);
            await LeapAsync(world, manager, entry.RenewsAt.Value - world.Time.GetUtcNow() - s_hour);
            await SettleAsync(manager);
            Assert.Equal(renewals, world.Authority.Ordered.Count);
            await LeapAsync(world, manager, 2 * s_hour);
        }

        await world.Logs.WaitAsync(4, "certificate_issued");
        Assert.Equal(0, world.Logs.Count("warning certificate"));
    }

    [Fact]
    public async Task The_authority_says_when_to_renew_and_is_told_what_is_replaced()
    {
        await using var world = new FakeWorld();
        DateTimeOffset start = world.Time.GetUtcNow();
        world.Authority.Window = _ => (start.AddDays(10), start.AddDays(11));
        AcmeManager manager = world.Manage(["a.example"]);
        await world.Logs.WaitAsync(1, "certificate_issued");
        await SettleAsync(manager);
        string id = Assert.Single(world.Authority.Asked);
        DateTimeOffset due = Assert.Single(manager.Current).RenewsAt!.Value;
        Assert.InRange(due, start.AddDays(10), start.AddDays(11));

        // A mass revocation: the window is in the past all of a sudden.
        world.Authority.Window = asked => asked == id ? (start.AddDays(-2), start.AddDays(-1)) : (start.AddDays(60), start.AddDays(61));
        await LeapAsync(world, manager, 23 * s_hour);
        await world.Logs.WaitAsync(2, "certificate_issued");
        Assert.Equal(id, (string?)world.Authority.Ordered[1]["replaces"]);
        Assert.Null(world.Authority.Ordered[0]["replaces"]);
    }

    [Fact]
    public async Task An_authority_that_does_not_take_what_is_replaced_gets_the_order_without_it()
    {
        await using var world = new FakeWorld();
        DateTimeOffset start = world.Time.GetUtcNow();
        world.Authority.Window = _ => (start, start);
        int refused = 0;
        world.Authority.Refuse = _ => world.Authority.Ordered[^1]["replaces"] is not null && refused++ == 0 ? (409, "alreadyReplaced", null) : null;
        AcmeManager manager = world.Manage(["a.example"]);
        await world.Logs.WaitAsync(1, "certificate_issued");
        await SettleAsync(manager);
        Assert.Single(world.Authority.Ordered);
        await LeapAsync(world, manager, 23 * s_hour);
        await world.Logs.WaitAsync(2, "certificate_issued");
        Assert.Equal(1, refused);
        await SettleAsync(manager);
        Assert.Equal(3, world.Authority.Ordered.Count);
    }

    [Fact]
    public async Task A_profile_is_asked_for_and_an_address_gets_a_certificate_of_6_days()
    {
        await using var world = new FakeWorld();
        world.Authority.Profiles = ["classic-90", "shortlived-6"];
        world.Options = world.Options with { Profile = "shortlived-6" };
        AcmeManager manager = world.Manage(["192.0.2.7", "2001:DB8::7"]);
        await world.Logs.WaitAsync(2, "certificate_issued");
        Assert.Equal(["192.0.2.7", "2001:db8::7"], manager.Current.SelectMany(entry => entry.Names).Order(StringComparer.Ordinal));
        Assert.All(manager.Current, entry => Assert.Equal(6, (entry.Certificate.Facts.Until - entry.Certificate.Facts.From).TotalDays));
        Assert.All(world.Authority.Ordered, order => Assert.Equal("ip", (string?)order["identifiers"]![0]!["type"]));
        Assert.All(world.Authority.Ordered, order => Assert.Equal("shortlived-6", (string?)order["profile"]));
    }

    [Fact]
    public async Task A_profile_that_the_authority_does_not_have_is_refused_in_words_that_name_those_it_has()
    {
        await using var world = new FakeWorld();
        world.Authority.Profiles = ["classic-90", "shortlived-6"];
        world.Options = world.Options with { Profile = "tlsserver" };
        AcmeManager manager = world.Manage(["a.example"]);
        await world.Logs.WaitAsync(1, "certificate_order_failed", "it has classic-90, shortlived-6");
        Assert.Contains("tlsserver", Assert.Single(manager.Current).LastError, StringComparison.Ordinal);
        Assert.Empty(world.Authority.Ordered);
    }

    [Fact]
    public async Task An_authority_that_asks_to_wait_is_not_asked_before()
    {
        await using var world = new FakeWorld();
        DateTimeOffset until = world.Time.GetUtcNow().AddHours(30);
        world.Authority.Refuse = host => host == "b.example" ? (429, "rateLimited", until.ToString("r")) : null;
        AcmeManager manager = world.Manage(["a.example", "b.example"]);
        await world.Logs.WaitAsync(1, "certificate_order_failed", "host=b.example");
        await world.Logs.WaitAsync(1, "certificate_issued", "host=a.example");
        await LeapAsync(world, manager, TimeSpan.FromHours(29));
        await SettleAsync(manager);
        Assert.Equal(1, world.Authority.OrdersOf("b.example"));
        world.Authority.Refuse = _ => null;
        await LeapAsync(world, manager, 2 * s_hour);
        await world.Logs.WaitAsync(1, "certificate_issued", "host=b.example");
    }

    [Fact]
    public async Task Attempts_for_a_name_become_rarer_and_a_process_that_starts_anew_does_not_ask_at_once()
    {
        await using var world = new FakeWorld();
        world.Authority.Refuse = _ => (403, "rejectedIdentifier", null);
        AcmeManager manager = world.Manage(["a.example"]);
        for (int attempt = 1; attempt <= 5; attempt++)
        {
            await world.Logs.WaitAsync(attempt, "certificate_order_failed");
            await LeapAsync(world, manager, Assert.Single(manager.Current).RenewsAt!.Value - world.Time.GetUtcNow());
        }

        await world.Logs.WaitAsync(6, "certificate_order_failed");
        await manager.DisposeAsync();
        AcmeManager next = world.Manage(["a.example"]);
        await SettleAsync(next);
        Assert.Equal(6, world.Authority.Ordered.Count);
        Assert.Contains("refused by the test", Assert.Single(next.Current).LastError, StringComparison.Ordinal);
        await LeapAsync(world, next, TimeSpan.FromHours(13));
        await world.Logs.WaitAsync(7, "certificate_order_failed");
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_renewed_is_served_to_its_end_and_after_it_with_alarms()
    {
        await using var world = new FakeWorld();
        world.Authority.Life = TimeSpan.FromDays(6);
        AcmeManager manager = world.Manage(["a.example"]);
        await world.Logs.WaitAsync(1, "certificate_issued");
        CertificateEntry first = Assert.Single(manager.Current);
        world.Authority.Refuse = _ => (403, "unauthorized", null);
        await LeapAsync(world, manager, first.RenewsAt!.Value - world.Time.GetUtcNow());
        await world.Logs.WaitAsync(1, "warning certificate_renewal_failed", "attempt=1");

        // Of the last third of 6 days; how much of it is left depends on the certificate's number.
        Assert.Matches(@"days_left=(1\.[6-9]|2\.0)$", world.Logs.All[^1]);
        await LeapAsync(world, manager, first.Certificate.Facts.Until - world.Time.GetUtcNow() + s_hour);
        await world.Logs.WaitAsync(1, "error certificate_expired", "host=a.example");
        CertificateEntry last = Assert.Single(manager.Current);
        Assert.Same(first.Certificate, last.Certificate);
        Assert.Equal("acme", last.Source);
        world.Authority.Refuse = _ => null;
        await LeapAsync(world, manager, TimeSpan.FromHours(13));
        await world.Logs.WaitAsync(2, "certificate_issued");
        Assert.Null(Assert.Single(manager.Current).LastError);
    }

    [Fact]
    public async Task Names_that_come_later_get_theirs_and_names_that_go_are_let_go_of()
    {
        await using var world = new FakeWorld();
        string[] wanted = ["a.example"];
        AcmeManager manager = world.Manage([], wanted: () => wanted);
        await world.Logs.WaitAsync(1, "certificate_issued", "host=a.example");
        wanted = ["B.example"];
        manager.Look();
        await world.Logs.WaitAsync(1, "certificate_issued", "host=b.example");
        Assert.Equal(["b.example"], manager.Current.SelectMany(entry => entry.Names));
        Assert.True(File.Exists(Path.Combine(world.Open().Folder, "a.example.pem")));
    }

    // Not while the manager works out how long to sleep: its timer would begin behind the leap.
    private static async Task LeapAsync(FakeWorld world, AcmeManager manager, TimeSpan by)
    {
        await SettleAsync(manager);
        world.Time.Leap(by);
    }

    private static Task SettleAsync(AcmeManager manager) => manager.RestAsync().WaitAsync(TimeSpan.FromSeconds(20));
}
