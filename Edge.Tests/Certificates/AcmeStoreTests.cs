using Edge.Certificates;
using Edge.Config;
using Edge.Contract;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Tests.Certificates;

public sealed class AcmeStoreTests
{
    private static readonly Uri s_directory = new("https://authority.example/dir");

    [Fact]
    public void Each_authority_has_a_folder_of_its_own_for_the_owner_alone()
    {
        using var folder = new TemporaryFolder();
        string all = Path.Combine(folder.Path, "a", "acme");
        AcmeStore one = AcmeStore.Open(all, s_directory), other = AcmeStore.Open(all, new Uri("https://authority.example/other"));
        Assert.NotEqual(one.Folder, other.Folder);
        Assert.Equal(one.Folder, AcmeStore.Open(all + "/", s_directory).Folder);
        Assert.All(new[] { all, one.Folder }, made =>
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(made)));
        one.WriteCertificate("a.example", "one"u8.ToArray());
        Assert.Equal("one"u8.ToArray(), one.ReadCertificate("A.example"));
        Assert.Null(other.ReadCertificate("a.example"));
        Assert.Equal(["a.example.pem"], Directory.EnumerateFiles(one.Folder).Select(Path.GetFileName));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(one.Folder, "a.example.pem")));
    }

    [Theory]
    [InlineData("/proc/edge")]
    [InlineData("/dev/null/acme")]
    public void A_folder_that_cannot_be_written_to_is_refused_in_words(string folder)
    {
        IOException refused = Assert.Throws<IOException>(() => AcmeStore.Open(folder, s_directory));
        Assert.StartsWith($"the folder {folder} cannot be written to: ", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://acme-v02.api.letsencrypt.org/directory", true)]
    [InlineData("https://acme-staging-v02.api.letsencrypt.org/directory", false)]
    public void Without_a_folder_certificates_that_count_are_refused_and_others_are_kept_elsewhere(string directory, bool isRefused)
    {
        using var lines = new CertificateLog();
        var options = new AcmeOptions { Storage = "/proc/edge", Directory = directory, Hosts = ["a.example"], AgreeToTerms = true };
        AcmeManager Open() => AcmeSetup.Open(
            options, () => options.Hosts, [ChallengeKind.Http], new AcmeTokens(), _ => { }, new TicketKeys(), "edge-tests", TimeProvider.System,
            new Log(lines, TimeProvider.System));
        if (isRefused)
        {
            string why = Assert.Throws<IOException>(Open).Message;
            Assert.StartsWith("the folder /proc/edge cannot be written to", why, StringComparison.Ordinal);
            Assert.Contains("Edge:Tls:Acme:Storage", why, StringComparison.Ordinal);
            return;
        }

        Assert.Equal("self-signed", Assert.Single(Open().Current).Source);
        string line = Assert.Single(lines.All);
        Assert.Contains("warning acme_storage_temporary", line, StringComparison.Ordinal);
        Directory.Delete(line.Split("folder=")[1].Split(' ')[0], recursive: true);
    }

    [Fact]
    public void A_lock_has_one_holder_at_a_time_and_the_end_of_the_holder_frees_it()
    {
        using var folder = new TemporaryFolder();
        AcmeStore one = AcmeStore.Open(folder.Path, s_directory), other = AcmeStore.Open(folder.Path, s_directory);
        using (FileLock? held = one.TryLock("a.example"))
        {
            Assert.NotNull(held);
            Assert.Null(other.TryLock("a.example"));
            using FileLock? another = other.TryLock("b.example");
            Assert.NotNull(another);
        }

        using FileLock? again = other.TryLock("a.example");
        Assert.NotNull(again);
    }

    [Fact]
    public async Task Many_that_need_an_account_at_once_get_the_same_key()
    {
        using var folder = new TemporaryFolder();
        SigningKey[] keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            AcmeStore.Open(folder.Path, s_directory).AccountAsync(TimeProvider.System, TestContext.Current.CancellationToken))));
        Assert.Single(keys.Select(key => Convert.ToHexString(key.PublicKeyInfo)).Distinct());
        Array.ForEach(keys, key => key.Dispose());
    }

    [Fact]
    public void An_order_and_failures_are_read_as_they_were_written_and_what_cannot_be_read_is_none()
    {
        using var folder = new TemporaryFolder();
        AcmeStore store = AcmeStore.Open(folder.Path, s_directory);
        Assert.Null(store.ReadOrder("a.example"));
        Assert.Null(store.ReadFailures("a.example"));
        using var order = new PendingOrder(new Uri("https://authority.example/order/1?x=%20y"), SigningKey.Generate());
        store.WriteOrder("a.example", order);
        using PendingOrder read = store.ReadOrder("a.example")!;
        Assert.Equal((order.Address, Convert.ToHexString(order.Key.PublicKeyInfo)), (read.Address, Convert.ToHexString(read.Key.PublicKeyInfo)));
        var failures = new FailureRecord(3, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(1), "a \"reason\"");
        store.WriteFailures("a.example", failures);
        Assert.Equal(failures, store.ReadFailures("a.example"));
        File.WriteAllText(Path.Combine(store.Folder, "a.example.order"), "# order https://authority.example/order/1\nno key\n");
        File.WriteAllText(Path.Combine(store.Folder, "a.example.failures"), "{");
        Assert.Null(store.ReadOrder("a.example"));
        Assert.Null(store.ReadFailures("a.example"));
        store.RemoveOrder("a.example");
        store.RemoveFailures("a.example");
        Assert.Empty(Directory.EnumerateFiles(store.Folder));
    }

    [Theory]
    [InlineData("https://acme-v02.api.letsencrypt.org/directory", true)]
    [InlineData("https://acme.zerossl.com/v2/DV90", true)]
    [InlineData("https://acme-staging-v02.api.letsencrypt.org/directory", false)]
    [InlineData("https://localhost:14000/dir", false)]
    [InlineData("https://127.0.0.1:14000/dir", false)]
    public void An_authority_whose_certificates_count_is_told_from_one_for_tests(string directory, bool isProduction) =>
        Assert.Equal(isProduction, new AcmeOptions { Directory = directory }.IsProduction());

    [Theory]
    [InlineData("example.org", true)]
    [InlineData("a-b.example.org", true)]
    [InlineData("192.0.2.1", true)]
    [InlineData("2001:db8::1", true)]
    [InlineData("localhost", false)]
    [InlineData("*.example.org", false)]
    [InlineData("a_b.example.org", false)]
    [InlineData("-a.example.org", false)]
    [InlineData("example.org.", false)]
    [InlineData("example.org:443", false)]
    [InlineData("../x.pem", false)]
    public void A_host_is_a_name_that_can_be_proved(string host, bool isOne) => Assert.Equal(isOne, AcmeOptions.IsHost(host));
}
