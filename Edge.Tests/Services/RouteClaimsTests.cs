using Edge.Config;
using Edge.Fleet;
using Edge.Services;

namespace Edge.Tests.Services;

/// <summary>Who gets the routes that labels of containers ask for.</summary>
public sealed class RouteClaimsTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly RouteClaims _claims = new();
    private DateTimeOffset _now = s_start.AddDays(1);

    private static RouteClaim Claim(string service, int made, string host, string path = "", string group = "") =>
        new(service, $"{service}-{made}", $"{service}_{made}", s_start.AddMinutes(made))
        {
            Group = group,
            Hosts = host.Split(' '),
            Paths = path.Length == 0 ? [] : path.Split(' '),
        };

    private static EdgeOptions Options(params (string Name, string Host)[] services) => new()
    {
        Fleet = new FleetOptions { Name = "edge" },
        Services = [.. services.Select(service => new NamedServiceOptions
        {
            Name = service.Name,
            Hosts = [service.Host],
            Fleet = new FleetOptions { Name = service.Name },
        })],
    };

    // service=host+host for each one that has any, in the order of the names.
    private string Decide(EdgeOptions options, params RouteClaim[] claims)
    {
        _claims.Decide(claims, options, _now);
        return string.Join(' ', _claims.Held.OrderBy(held => held.Key, StringComparer.Ordinal)
            .Select(held => $"{held.Key}={string.Join('+', held.Value.Hosts)}"));
    }

    private string Decide(params RouteClaim[] claims) => Decide(Options(), claims);

    [Fact]
    public void One_host_in_a_label_is_enough() => Assert.Equal("shop=shop.test", Decide(Claim("shop", 1, "shop.test")));

    [Fact]
    public void Replicas_of_one_service_have_one_route_and_the_newest_says_which()
    {
        Assert.Equal("shop=new.test", Decide(Claim("shop", 1, "old.test"), Claim("shop", 2, "new.test")));
        Assert.Empty(_claims.Refused);
    }

    [Fact]
    public void Another_name_of_a_service_that_options_name_is_for_no_label()
    {
        EdgeOptions options = Options(("shop", "shop.test"));
        options = options with { Services = [options.Services[0] with { Redirect = ["www.shop.test", "*.old.test"] }] };
        Assert.Equal("own=own.test", Decide(options, Claim("www", 1, "www.shop.test"), Claim("old", 2, "a.old.test"), Claim("own", 3, "own.test")));
        Assert.Equal(
            ["the service www does not get www.shop.test: the options have it for the service shop",
                "the service old does not get a.old.test: the options have it for the service shop"],
            _claims.Refused.Select(refused => refused.Why));
        Assert.Equal(["shop.test", "www.shop.test"], options.Services[0].CertificateHosts());
    }

    [Fact]
    public void What_the_balancer_has_made_does_not_speak_for_its_service_while_there_is_another()
    {
        RouteClaim made = Claim("shop", 9, "old.test") with { IsMade = true };
        Assert.Equal("shop=new.test", Decide(Claim("shop", 1, "old.test"), Claim("shop", 2, "new.test"), made));
        Assert.Equal("shop=old.test", Decide(made));
    }

    [Fact]
    public void The_older_container_has_the_host_and_the_newer_one_is_told()
    {
        Assert.Equal("old=a.test", Decide(Claim("young", 2, "a.test"), Claim("old", 1, "a.test")));
        IgnoredReplica refused = Assert.Single(_claims.Refused);
        Assert.Equal("young_2", refused.Name);
        Assert.Equal("the service young does not get a.test: the service old has a.test", refused.Why);
    }

    [Fact]
    public void Who_has_a_host_keeps_it_when_its_containers_are_replaced_by_newer_ones_than_those_of_the_other()
    {
        Assert.Equal("old=a.test", Decide(Claim("old", 1, "a.test"), Claim("young", 2, "a.test")));
        Assert.Equal("old=a.test", Decide(Claim("old", 3, "a.test"), Claim("young", 2, "a.test")));
    }

    [Fact]
    public void Other_hosts_of_the_one_that_is_refused_one_are_its_own() =>
        Assert.Equal("old=a.test young=b.test", Decide(Claim("old", 1, "a.test"), Claim("young", 2, "a.test b.test")));

    [Theory]
    [InlineData("shop.test", "shop.test")]
    [InlineData("a.shop.test", "*.shop.test")]
    [InlineData("*.shop.test", "*.shop.test")]
    public void A_label_takes_no_host_that_an_option_has(string host, string ofOptions)
    {
        Assert.Equal("", Decide(Options(("main", ofOptions)), Claim("thief", 1, host, "/only-this"), Claim("thief2", 2, host)));
        Assert.All(_claims.Refused, refused => Assert.EndsWith("the options have it for the service main", refused.Why, StringComparison.Ordinal));
        Assert.Equal(2, _claims.Refused.Count);
    }

    [Theory]
    [InlineData("*.shop.test", "a.shop.test")]
    [InlineData("a.b.shop.test", "*.shop.test")]
    [InlineData("shop.test", "*.shop.test")]
    public void A_label_may_have_what_takes_nothing_from_an_option(string host, string ofOptions) =>
        Assert.Equal($"other={host}", Decide(Options(("main", ofOptions)), Claim("other", 1, host)));

    [Fact]
    public void An_option_that_comes_takes_the_host_from_the_label_that_had_it()
    {
        Assert.Equal("shop=a.test", Decide(Claim("shop", 1, "a.test")));
        Assert.Equal("", Decide(Options(("main", "a.test")), Claim("shop", 1, "a.test")));
    }

    [Fact]
    public void Containers_of_the_services_of_options_and_of_the_default_one_claim_nothing()
    {
        Assert.Equal("", Decide(Options(("shop", "a.test")), Claim("shop", 1, "b.test"), Claim("edge", 2, "c.test")));
        Assert.Empty(_claims.Refused);
    }

    [Fact]
    public void Services_of_one_Compose_project_share_a_host_by_their_paths()
    {
        Assert.Equal(
            "api=a.test web=a.test",
            Decide(Claim("web", 1, "a.test", group: "p"), Claim("api", 2, "a.test", "/api", "p"), Claim("again", 3, "a.test", "/v2 /api", "p")));
        Assert.Equal("again_3", Assert.Single(_claims.Refused).Name);
    }

    [Theory]
    [InlineData("a.test", "a.test")]
    [InlineData("*.x.test", "b.x.test")]
    public void Another_project_gets_no_part_of_a_host(string owned, string wanted)
    {
        Assert.Equal($"web={owned}", Decide(Claim("web", 1, owned, group: "p"), Claim("thief", 2, wanted, "/login", "q")));
        Assert.EndsWith($"the service web has {owned}, of the Compose project p", Assert.Single(_claims.Refused).Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_in_one_container_touches_no_other_not_even_of_its_service()
    {
        RouteClaim bad = Claim("shop", 5, "x.test") with { Mistake = "its label edge.host has \"a b\"" };
        Assert.Equal("blog=b.test shop=a.test", Decide(Claim("shop", 1, "a.test"), Claim("blog", 2, "b.test"), bad));
        Assert.Equal("its label edge.host has \"a b\"", Assert.Single(_claims.Refused).Why);
    }

    [Fact]
    public void The_route_stays_for_a_while_when_all_containers_are_gone()
    {
        Assert.Equal("shop=a.test", Decide(Claim("shop", 1, "a.test")));
        Assert.Equal("shop=a.test", Decide());
        Assert.Equal(_now.AddMinutes(5), _claims.LookAgain);
        _now = _now.AddMinutes(5).AddSeconds(-1);
        Assert.Equal("shop=a.test", Decide());
        _now = _now.AddSeconds(1);
        Assert.Equal("", Decide());
        Assert.Null(_claims.LookAgain);
    }

    [Fact]
    public void A_service_that_comes_back_in_time_is_as_before()
    {
        Assert.Equal("shop=a.test", Decide(Claim("shop", 1, "a.test")));
        Assert.Equal("shop=a.test", Decide());
        Assert.Equal("shop=a.test", Decide(Claim("shop", 2, "a.test")));
        Assert.Null(_claims.LookAgain);
    }

    [Fact]
    public void Who_waited_for_a_host_does_not_get_it_between_two_versions_of_its_owner()
    {
        RouteClaim waiting = Claim("waits", 2, "a.test");
        Assert.Equal("shop=a.test", Decide(Claim("shop", 1, "a.test"), waiting));
        Assert.Equal("shop=a.test", Decide(waiting));
        Assert.Equal("shop=a.test", Decide(waiting, Claim("shop", 3, "a.test")));
    }

    [Fact]
    public void Who_comes_when_the_owner_is_gone_gets_its_host()
    {
        Assert.Equal("shop=a.test", Decide(Claim("shop", 1, "a.test")));
        Assert.Equal("shop=a.test", Decide());
        Assert.Equal("moved=a.test", Decide(Claim("moved", 2, "a.test")));
        Assert.Equal("moved=a.test", Decide(Claim("moved", 2, "a.test"), Claim("shop", 3, "a.test")));
    }

    [Fact]
    public void Who_waited_gets_the_host_when_its_owner_does_not_come_back()
    {
        RouteClaim waiting = Claim("waits", 2, "a.test");
        Assert.Equal("shop=a.test", Decide(Claim("shop", 1, "a.test"), waiting));
        Assert.Equal("shop=a.test", Decide(waiting));
        _now = _now.AddMinutes(5);
        Assert.Equal("waits=a.test", Decide(waiting));
    }

    [Fact]
    public void There_are_no_more_services_than_allowed()
    {
        RouteClaim[] many = [.. Enumerable.Range(0, Limits.Services + 1).Select(i => Claim($"s{i}", i, $"h{i}.test x{i}.test"))];
        Decide(many);
        Assert.Equal(Limits.Services, _claims.Held.Count);
        Assert.DoesNotContain($"s{Limits.Services}", _claims.Held.Keys);
        Assert.Equal(2, _claims.Refused.Count);
    }

    /// <summary>
    /// Whatever comes and goes: no host has two owners on one path, none that options have is given away, and nobody loses what it has to another.
    /// </summary>
    [Fact]
    public void Random_claims_never_share_a_path_of_a_host_and_never_push_an_owner_out()
    {
        var random = new Random(11);
        string[] hosts = ["a.test", "b.test", "*.test", "x.a.test", "*.a.test"], paths = ["", "/api", "/v2"];
        var there = new List<RouteClaim>();
        for (int step = 0; step < 5000; step++)
        {
            _now = _now.AddSeconds(random.Next(120));
            if (there.Count > 0 && random.Next(2) == 0)
            {
                there.RemoveAt(random.Next(there.Count));
            }
            else
            {
                there.Add(Claim($"s{random.Next(8)}", step, hosts[random.Next(hosts.Length)], paths[random.Next(paths.Length)], $"g{random.Next(2)}"));
            }

            var before = _claims.Held.ToDictionary(held => held.Key, held => held.Value);
            Decide(Options(("main", "b.test")), [.. there]);
            var pairs = _claims.Held.SelectMany(held => held.Value.Hosts.SelectMany(
                host => held.Value.Claim.Paths.DefaultIfEmpty("").Select(path => (host, path)))).ToList();
            Assert.Equal(pairs.Count, pairs.Distinct().Count());
            Assert.DoesNotContain(pairs, pair => pair.host is "b.test");
            foreach ((string service, HeldRoutes had) in before)
            {
                bool wants = there.Where(claim => claim.Service == service).MaxBy(claim => claim.Made) is { } newest
                    && newest.Hosts.Intersect(had.Hosts).Any() && newest.Paths.SequenceEqual(had.Claim.Paths) && newest.Group == had.Claim.Group;
                Assert.True(!wants || _claims.Held.ContainsKey(service), $"step {step}: {service} lost {string.Join('+', had.Hosts)}");
            }
        }
    }
}
