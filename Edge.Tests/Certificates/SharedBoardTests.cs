using System.Text.Json;
using Edge.Certificates;
using Edge.Config;
using Edge.Contract;
using Edge.Io;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Certificates;

/// <summary>Several processes with one folder: each answers what the authority asks for, whichever of them has ordered.</summary>
public sealed class SharedBoardTests : IDisposable
{
    private const string Path = "/.well-known/acme-challenge/";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly TicketKeys _tickets = new();
    private readonly LeapingTime _time = new();
    private readonly CertificateLog _logs = new();
    private readonly List<SharedBoard> _boards = [];

    public void Dispose()
    {
        _boards.ForEach(board => board.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task Each_process_shows_what_one_has_put_up_until_that_one_takes_it_down()
    {
        await using var balancer = new TestBalancer(new Backend(Scripts.Always("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nreplica")));
        AcmeStore store = Open();
        (SharedBoard one, AcmeTokens tokens, _) = Board(store);
        using PostedChallenge http = await one.PutAsync(ChallengeKind.Http, "a.example", "abc_-", $"abc_-.{Print}", TestContext.Current.CancellationToken);
        using PostedChallenge tls = await one.PutAsync(ChallengeKind.TlsAlpn, "b.example", "def", $"def.{Print}", TestContext.Current.CancellationToken);
        (_, AcmeTokens others, Func<IReadOnlyDictionary<string, TlsCertificate>?> shown) = Board(store, balancer.Plane.Tokens);
        Assert.Equal($"abc_-.{Print}", (await balancer.GetAsync(Path + "abc_-")).Text);
        Assert.Equal("replica", (await balancer.GetAsync(Path + "abc")).Text);
        Assert.Equal("replica", (await balancer.GetAsync(Path + "../../a.example.challenge")).Text);
        IReadOnlyDictionary<string, TlsCertificate>? proofs = shown();
        Assert.Equal(["b.example"], proofs!.Keys);
        Assert.Equal((1, 1), (tokens.Count, others.Count));

        string[] files = Directory.GetFiles(System.IO.Path.Combine(store.Folder, "challenges"));
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file)));
        http.Dispose();
        tls.Dispose();
        Assert.Empty(Directory.GetFiles(System.IO.Path.Combine(store.Folder, "challenges")));
        await UntilAsync(() => others.Count == 0 && shown() is null);
        Assert.Equal("replica", (await balancer.GetAsync(Path + "abc_-")).Text);
    }

    [Fact]
    public async Task What_is_put_up_later_is_seen_by_the_next_look()
    {
        AcmeStore store = Open();
        (_, AcmeTokens others, _) = Board(store);
        (SharedBoard one, _, _) = Board(store);
        using PostedChallenge http = await one.PutAsync(ChallengeKind.Http, "a.example", "abc", $"abc.{Print}", TestContext.Current.CancellationToken);
        await UntilAsync(() => others.Count == 1);
        Assert.NotNull(others.Find("/.well-known/acme-challenge/abc"u8));
    }

    [Fact]
    public async Task What_a_process_leaves_when_it_ends_is_answered_by_the_others_until_it_is_stale_and_removed_after_an_hour()
    {
        AcmeStore store = Open();
        (SharedBoard one, _, _) = Board(store, spread: TimeSpan.FromDays(1));
        using var end = new CancellationTokenSource();
        Task<PostedChallenge> putting = one.PutAsync(ChallengeKind.Http, "a.example", "abc", $"abc.{Print}", end.Token);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => putting);
        (_, AcmeTokens others, _) = Board(store);
        Assert.Equal(1, others.Count);
        _time.Leap(TimeSpan.FromMinutes(16));
        await UntilAsync(() => others.Count == 0);
        string file = Assert.Single(Directory.GetFiles(System.IO.Path.Combine(store.Folder, "challenges")));
        using (store.TryLock("a.example"))
        {
            // The name is being worked for: its file may be new the next moment.
            _time.Leap(TimeSpan.FromMinutes(50));
            Board(store);
            Assert.True(File.Exists(file));
        }

        Board(store);
        Assert.False(File.Exists(file));
    }

    [Fact]
    public void What_is_malformed_stale_or_too_large_is_no_challenge_and_of_very_many_some_are()
    {
        AcmeStore store = Open();
        DateTimeOffset now = _time.GetUtcNow();
        var good = new SharedChallenge("http-01", "a.example", "abc", $"abc.{Print}", now.AddMinutes(5));
        SharedChallenge[] bad =
        [
            good with { Type = "dns-01" }, good with { Type = null }, good with { Host = "../a" }, good with { Host = null }, good with { Token = "a/b" },
            good with { Token = null }, good with { Token = new string('a', 257) }, good with { Answer = "other.abc" }, good with { Answer = null },
            good with { Answer = "abc.<script>" }, good with { Answer = $"abc.{Print}.more" }, good with { Until = now }, good with { Until = now.AddDays(1) },
        ];
        foreach (SharedChallenge one in bad)
        {
            Write(store, "x.example.challenge", JsonSerializer.Serialize(one, AcmeJson.Default.SharedChallenge));
            Assert.Empty(store.ReadChallenges(now));
        }

        Write(store, "x.example.challenge", "{");
        Write(store, "y.example.challenge", JsonSerializer.Serialize(good, AcmeJson.Default.SharedChallenge) + new string(' ', Limits.AcmeChallengeBytes));
        Write(store, "z.example.challenge.new", JsonSerializer.Serialize(good, AcmeJson.Default.SharedChallenge));
        Assert.Empty(store.ReadChallenges(now));
        for (int i = 0; i < 3 * Limits.AcmeChallenges; i++)
        {
            Write(store, $"n{i}.example.challenge", JsonSerializer.Serialize(good with { Host = $"n{i}.example" }, AcmeJson.Default.SharedChallenge));
        }

        Assert.Equal(Limits.AcmeChallenges, store.ReadChallenges(now).Count);
    }

    [Fact]
    public void A_folder_that_cannot_be_read_is_said_once_and_what_is_put_up_stays()
    {
        AcmeStore store = Open();
        Directory.Delete(System.IO.Path.Combine(store.Folder, "challenges"));
        Board(store);
        Assert.Equal(1, _logs.Count("acme_challenges_unreadable"));
    }

    [Theory]
    [InlineData("Http")]
    [InlineData("TlsAlpn")]
    public async Task The_authority_may_reach_another_process_than_the_one_that_orders(string kind)
    {
        Assert.SkipUnless(Pebble.IsThere, "pebble is not installed (package pebble)");
        await using var world = new AcmeWorld();
        await world.Pebble.StartAsync();
        using var elsewhere = new TlsFrontend(world.Frontend.Certificates, _tickets);
        AcmeManager reached = world.Manage([]);
        AcmeManager ordering = world.Manage(
            ["one.example.org"], [Enum.Parse<ChallengeKind>(kind)], at: (new AcmeTokens(), elsewhere), spread: TimeSpan.FromSeconds(5));
        ordering.Start();
        await world.Logs.WaitAsync(1, "certificate_issued", "host=one.example.org");
        Assert.Equal(0, world.Logs.Count("certificate_order_failed"));
        Assert.Empty(reached.Current);
    }

    [Theory]
    [InlineData("Http")]
    [InlineData("TlsAlpn")]
    public async Task A_process_that_takes_over_answers_what_the_old_one_has_put_up_and_goes_on_with_its_order(string kind)
    {
        Assert.SkipUnless(Pebble.IsThere, "pebble is not installed (package pebble)");
        await using var world = new AcmeWorld();
        await world.Pebble.StartAsync();
        using var elsewhere = new TlsFrontend(world.Frontend.Certificates, _tickets);
        var posted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ChallengeKind[] kinds = [Enum.Parse<ChallengeKind>(kind)];
        AcmeManager old = world.Manage(
            ["one.example.org"], kinds, step => _ = step == "one.example.org.challenge renamed" && posted.TrySetResult(),
            (new AcmeTokens(), elsewhere), TimeSpan.FromHours(1));
        old.Start();
        await posted.Task.WaitAsync(s_patience);
        await old.DisposeAsync();
        AcmeManager next = world.Manage(["one.example.org"], kinds);
        Assert.Equal(kind == "Http" ? (1, 0) : (0, 1), (world.Balancer.Plane.Tokens.Count, world.Frontend.Challenges?.Count ?? 0));
        string order = Assert.Single(Directory.GetFiles(world.Folder.Path, "*.order", SearchOption.AllDirectories));
        string before = (await File.ReadAllLinesAsync(order, TestContext.Current.CancellationToken))[0];
        next.Start();
        await world.Logs.WaitAsync(1, "certificate_issued", "host=one.example.org");
        Assert.Equal(0, world.Logs.Count("certificate_order_failed"));
        Assert.StartsWith("# order https://", before, StringComparison.Ordinal);
        Assert.Equal((0, 0), (world.Balancer.Plane.Tokens.Count, world.Frontend.Challenges?.Count ?? 0));
        Assert.Empty(Directory.GetFiles(world.Folder.Path, "*.challenge", SearchOption.AllDirectories));
    }

    private static string Print => new('A', 43);

    private static void Write(AcmeStore store, string name, string text) =>
        File.WriteAllText(System.IO.Path.Combine(store.Folder, "challenges", name), text);

    private AcmeStore Open() => AcmeStore.Open(_folder.Path, new Uri("https://authority.test/dir"));

    private (SharedBoard Board, AcmeTokens Tokens, Func<IReadOnlyDictionary<string, TlsCertificate>?> Proofs) Board(
        AcmeStore store, AcmeTokens? tokens = null, TimeSpan spread = default)
    {
        tokens ??= new AcmeTokens();
        IReadOnlyDictionary<string, TlsCertificate>? shown = null;
        var own = new ChallengeBoard(tokens, proofs => Volatile.Write(ref shown, proofs), _tickets, _time);
        var board = new SharedBoard(store, own, _time, new Log(_logs, _time)) { Spread = spread };
        _boards.Add(board);
        return (board, tokens, () => Volatile.Read(ref shown));
    }

    // A look is due every second: it comes after a leap, on another thread.
    private async Task UntilAsync(Func<bool> isSo)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!isSo())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < s_patience);
            _time.Leap(TimeSpan.FromMilliseconds(10));
            await Task.Yield();
        }
    }
}
