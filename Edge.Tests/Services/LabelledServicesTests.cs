using System.Net;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Config;
using Edge.Drivers;
using Edge.Fleet;
using Edge.Services;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Services;

/// <summary>Services that come and go with what replicas claim.</summary>
public sealed class LabelledServicesTests : IAsyncLifetime
{
    private static readonly EdgeOptions s_options = new()
    {
        Labelled = new NamedServiceOptions
        {
            IsFromLabels = true,
            Fleet = new FleetOptions { Driver = FleetDriver.Static, Addresses = ["127.0.0.1:9"] },
            Health = new HealthOptions { Off = true },
        },
    };

    private readonly StringWriter _log = new();
    private readonly Claims _claims = new();
    private readonly List<string> _refusals = [];
    private readonly ServiceRegistry _registry;
    private readonly LabelledServices _services;

    public LabelledServicesTests()
    {
        var log = new Log(TextWriter.Synchronized(_log), TimeProvider.System);
        _registry = new ServiceRegistry(
            new FakeServicePlane(), (options, _) => new StaticDriver(options.Fleet.Servers(), "", Dns.GetHostAddressesAsync, TimeProvider.System, log),
            trust: null, TimeProvider.System, log);
        _services = new LabelledServices(_registry, _claims, TimeProvider.System, log);
        _services.RouteRefused += (name, why) => _refusals.Add($"{name}: {why}");
    }

    public ValueTask InitializeAsync()
    {
        _services.Use(s_options);
        _services.Start();
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _registry.DisposeAsync();
    }

    private static RouteClaim Claim(string service, string host) => new(service, service, service, DateTimeOffset.UnixEpoch) { Hosts = [host] };

    private string Names() => string.Join(' ', _registry.All.Select(service => $"{service.Name}={string.Join('+', service.Options.Hosts)}"));

    private Task AreAsync(string names) => Quiet.UntilAsync(() => Names() == names, $"the services are {names}");

    [Fact]
    public async Task They_come_with_a_claim_change_and_stay_for_a_while_when_it_is_gone()
    {
        Assert.False(_services.Known.IsCompleted);
        _claims.Say(Claim("shop", "a.test"), Claim("blog", "*.b.test"));
        await _services.Known;
        await AreAsync("blog=*.b.test shop=a.test");
        Assert.Equal(["a.test"], _services.Hosts);
        RunningService shop = _registry.Find("shop")!;
        Assert.Equal(("shop", "shop_"), (shop.Options.Fleet.Name, shop.Options.ReplicaPrefix));
        _claims.Say(Claim("shop", "c.test"));
        await AreAsync("blog=*.b.test shop=c.test");
        Assert.Same(shop, _registry.Find("shop"));
        Assert.Empty(_refusals);
    }

    [Fact]
    public async Task Other_names_lead_to_the_first_host_that_is_no_wildcard_and_to_nothing_where_it_is_somebody_elses()
    {
        RouteClaim shop = Claim("shop", "*.a.test") with { Hosts = ["*.a.test", "a.test"], OtherNames = ["www.test", "a.test"], IsSticky = true };
        _claims.Say(shop, Claim("other", "b.test") with { Made = DateTimeOffset.UnixEpoch.AddDays(1), OtherNames = ["www.test", "c.test"] });
        await AreAsync("other=b.test shop=a.test+*.a.test");
        NamedServiceOptions options = _registry.Find("shop")!.Options;
        Assert.Equal(["www.test"], options.Redirect);
        Assert.Equal("a.test", options.Canonical());
        Assert.True(options.Sticky);
        Assert.Equal(["c.test"], _registry.Find("other")!.Options.Redirect);
        Assert.Equal("other", Assert.Single(_services.Refused).Name);
    }

    [Fact]
    public async Task A_refusal_is_told_once_and_listed_as_long_as_it_lasts()
    {
        _claims.Say(Claim("shop", "a.test"));
        await AreAsync("shop=a.test");
        for (int i = 0; i < 3; i++)
        {
            _claims.Say(Claim("shop", "a.test"), Claim("thief", "a.test"));
        }

        await Quiet.UntilAsync(() => _services.Refused.Count == 1, "it is refused");
        _claims.Say(Claim("shop", "a.test"));
        await Quiet.UntilAsync(() => _services.Refused.Count == 0, "nobody is refused any more");
        Assert.Equal(["thief: the service thief does not get a.test: the service shop has a.test"], _refusals);
        Assert.Equal(1, _log.ToString().Split(" route_refused ").Length - 1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task While_claims_cannot_be_had_everything_stays_and_that_is_said_once(bool isExpected)
    {
        _claims.Say(Claim("shop", "a.test"));
        await AreAsync("shop=a.test");
        _claims.Lose(isExpected ? new DriverException(DriverFailure.Unavailable, "the engine is away") : new InvalidOperationException("the engine is away"));
        await Quiet.UntilAsync(() => Task.FromResult(_claims.Watches == 2), "it is asked again", TimeSpan.FromSeconds(20));
        Assert.Equal("shop=a.test", Names());
        _claims.Say(Claim("shop", "a.test"), Claim("blog", "b.test"));
        await AreAsync("blog=b.test shop=a.test");
        Assert.Contains(
            isExpected ? " labels_lost why=\"the engine is away\"" : " labels_lost why=\"System.InvalidOperationException: the engine is away",
            _log.ToString(), StringComparison.Ordinal);
        Assert.Contains(" labels_back", _log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_of_options_takes_the_place_of_one_of_labels_with_its_name()
    {
        _claims.Say(Claim("shop", "a.test"));
        await AreAsync("shop=a.test");
        RunningService labelled = _registry.Find("shop")!;
        _services.Use(s_options with
        {
            Services = [new NamedServiceOptions
            {
                Name = "shop",
                Hosts = ["b.test"],
                Fleet = new FleetOptions { Name = "shop", Driver = FleetDriver.Static, Addresses = ["127.0.0.1:9"] },
                Health = new HealthOptions { Off = true },
            }],
        });
        Assert.Equal("shop=b.test", Names());
        Assert.NotSame(labelled, _registry.Find("shop"));
    }

    /// <summary>Says what a test says.</summary>
    private sealed class Claims : IRouteClaims
    {
        private Channel<IReadOnlyList<RouteClaim>> _channel = Channel.CreateUnbounded<IReadOnlyList<RouteClaim>>();
        private int _watches;

        internal int Watches => Volatile.Read(ref _watches);

        internal void Say(params RouteClaim[] claims) => Assert.True(Volatile.Read(ref _channel).Writer.TryWrite(claims));

        internal void Lose(Exception why)
        {
            Channel<IReadOnlyList<RouteClaim>> before = Interlocked.Exchange(ref _channel, Channel.CreateUnbounded<IReadOnlyList<RouteClaim>>());
            before.Writer.Complete(why);
        }

        public async IAsyncEnumerable<IReadOnlyList<RouteClaim>> WatchAsync([EnumeratorCancellation] CancellationToken cancellation)
        {
            Interlocked.Increment(ref _watches);
            ChannelReader<IReadOnlyList<RouteClaim>> reader = Volatile.Read(ref _channel).Reader;
            while (await reader.WaitToReadAsync(cancellation))
            {
                yield return await reader.ReadAsync(cancellation);
            }
        }
    }
}
