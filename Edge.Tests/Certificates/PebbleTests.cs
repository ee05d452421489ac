using Edge.Certificates;

namespace Edge.Tests.Certificates;

/// <summary>The client against the authority that Let's Encrypt tests clients with, which looks at the real listeners.</summary>
public sealed class PebbleTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    public PebbleTests() => Assert.SkipUnless(Pebble.IsThere, "pebble is not installed (package pebble)");

    [Theory]
    [InlineData("Http")]
    [InlineData("TlsAlpn")]
    public async Task A_name_gets_its_certificate_by_either_proof_while_half_of_the_nonces_are_rejected(string kind)
    {
        await using var world = new AcmeWorld();
        await world.Pebble.StartAsync(rejectedNonces: 50);
        AcmeManager manager = world.Manage(["one.example.org"], [Enum.Parse<ChallengeKind>(kind)]);
        CertificateEntry before = Assert.Single(manager.Current);
        Assert.Equal(("self-signed", "one.example.org"), (before.Source, Assert.Single(before.Names)));
        manager.Start();
        await world.Logs.WaitAsync(1, "certificate_issued", "host=one.example.org");
        CertificateEntry after = Assert.Single(manager.Current);
        Assert.Equal(("acme", null, "one.example.org"), (after.Source, after.LastError, Assert.Single(after.Names)));
        Assert.StartsWith("Pebble Intermediate CA", after.Certificate.Facts.Issuer, StringComparison.Ordinal);
        Assert.Equal(0, world.Logs.Count("warning certificate"));
        Assert.Equal(1, world.Logs.Count("acme_account_made"));
        Assert.Equal(0, world.Balancer.Plane.Tokens.Count);
        Assert.Null(world.Frontend.Challenges);
    }

    [Fact]
    public async Task One_bad_name_among_20_holds_up_none_of_the_others()
    {
        await using var world = new AcmeWorld();
        await world.Pebble.StartAsync(rejectedNonces: 50);
        await world.Pebble.LeadAsync("bad.example.org", "127.0.0.2");
        string[] good = [.. Enumerable.Range(1, 19).Select(i => $"n{i}.example.org")];
        AcmeManager manager = world.Manage(["bad.example.org", .. good]);
        manager.Start();
        await world.Logs.WaitAsync(19, "certificate_issued");
        await world.Logs.WaitAsync(1, "certificate_order_failed", "host=bad.example.org");
        await manager.RestAsync().WaitAsync(s_patience);
        Assert.Equal(["self-signed", .. good.Select(_ => "acme")], manager.Current.Select(entry => entry.Source));
        Assert.Contains("bad.example.org", manager.Current[0].LastError, StringComparison.Ordinal);
        Assert.All(manager.Current.Skip(1), entry => Assert.Null(entry.LastError));
        Assert.Equal(1, world.Logs.Count("certificate_order_failed"));
    }

    [Fact]
    public async Task A_name_that_is_put_right_gets_its_certificate_by_the_next_attempt_with_the_other_proof()
    {
        var time = new LeapingTime();
        await using var world = new AcmeWorld(time);
        await world.Pebble.StartAsync();
        await world.Pebble.LeadAsync("late.example.org", "127.0.0.2");
        AcmeManager manager = world.Manage(["late.example.org"]);
        manager.Start();
        await world.Logs.WaitAsync(1, "certificate_order_failed");
        await world.Pebble.LeadAsync("late.example.org", "127.0.0.1");
        await manager.RestAsync().WaitAsync(s_patience);
        time.Leap(TimeSpan.FromMinutes(6));
        await world.Logs.WaitAsync(1, "certificate_issued");
        Assert.Equal(1, world.Logs.Count("certificate_ordered", "proof=TlsAlpn"));
        Assert.Equal(1, world.Logs.Count("certificate_ordered", "proof=Http"));
        Assert.Null(Assert.Single(manager.Current).LastError);
    }

    [Fact]
    public async Task Two_managers_with_one_folder_order_once_and_both_have_the_certificate()
    {
        var time = new LeapingTime();
        await using var world = new AcmeWorld(time);
        await world.Pebble.StartAsync();
        AcmeManager one = world.Manage(["one.example.org"]), other = world.Manage(["one.example.org"]);
        one.Start();
        other.Start();
        await world.Logs.WaitAsync(1, "certificate_issued");
        await one.RestAsync().WaitAsync(s_patience);
        await other.RestAsync().WaitAsync(s_patience);
        time.Leap(TimeSpan.FromSeconds(11));
        await one.RestAsync().WaitAsync(s_patience);
        await other.RestAsync().WaitAsync(s_patience);
        Assert.Equal(1, world.Logs.Count("certificate_issued"));
        Assert.Equal(1, world.Logs.Count("acme_account_made"));
        Assert.Equal("acme", Assert.Single(one.Current).Source);
        Assert.Equal(one.Current[0].Certificate.Facts.Serial, Assert.Single(other.Current).Certificate.Facts.Serial);
    }

    [Fact]
    public async Task A_process_that_starts_anew_serves_what_is_stored_and_orders_nothing()
    {
        await using var world = new AcmeWorld();
        await world.Pebble.StartAsync();
        AcmeManager first = world.Manage(["one.example.org"]);
        first.Start();
        await world.Logs.WaitAsync(1, "certificate_issued");
        await first.DisposeAsync();
        AcmeManager next = world.Manage(["one.example.org"]);
        Assert.Equal(("acme", first.Current[0].Certificate.Facts.Serial), (next.Current[0].Source, next.Current[0].Certificate.Facts.Serial));
        next.Start();
        await next.RestAsync().WaitAsync(s_patience);
        Assert.Equal(1, world.Logs.Count("certificate_ordered"));
    }

    [Fact]
    public async Task An_authority_that_is_down_for_a_day_is_asked_once_an_hour_and_gives_the_certificates_when_it_is_back()
    {
        var time = new LeapingTime();
        await using var world = new AcmeWorld(time);
        await world.Pebble.StartAsync();
        await world.Pebble.StopAsync();
        AcmeManager manager = world.Manage(["one.example.org", "two.example.org"]);
        manager.Start();
        for (int hour = 1; hour <= 24; hour++)
        {
            await world.Logs.WaitAsync(hour, "acme_outage");
            await manager.RestAsync().WaitAsync(s_patience);
            time.Leap(TimeSpan.FromHours(1));
        }

        await world.Logs.WaitAsync(25, "acme_outage");
        await manager.RestAsync().WaitAsync(s_patience);
        Assert.Equal(25, world.Logs.Count("acme_outage"));
        Assert.All(manager.Current, entry => Assert.Contains("localhost:", entry.LastError, StringComparison.Ordinal));
        await world.Pebble.StartAsync();
        time.Leap(TimeSpan.FromHours(1));
        await world.Logs.WaitAsync(2, "certificate_issued");
        Assert.All(manager.Current, entry => Assert.Null(entry.LastError));
        Assert.Equal(0, world.Logs.Count("certificate_order_failed"));
    }
}
