using Edge.Certificates;
using Edge.Config;
using Edge.Hosting;
using Edge.Telemetry;
using Edge.Tests.Fleet;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>Where it is read from who vouches for replicas, and what is said if that cannot be had.</summary>
public sealed class ReplicaTrustTests
{
    [Fact]
    public void Only_replicas_of_the_options_need_it_from_the_start_on()
    {
        Assert.False(ReplicaTrust.IsNeeded(new EdgeOptions { Fleet = new() { Addresses = ["a:1", "http://b:1"] } }));
        Assert.True(ReplicaTrust.IsNeeded(new EdgeOptions { Fleet = new() { Addresses = ["a:1", "https://b:1"] } }));
        Assert.True(ReplicaTrust.IsNeeded(new EdgeOptions { Docker = new() { Scheme = Scheme.Https } }));
    }

    [Fact]
    public void A_file_that_cannot_be_used_ends_the_start_and_is_named_by_the_check()
    {
        using var folder = new TemporaryFolder();
        string empty = folder.File("empty.pem"), good = folder.File("good.pem");
        File.WriteAllText(empty, "nothing\n");
        File.WriteAllBytes(good, TestCertificates.Pem(TestReplicas.Authority));
        foreach (string file in new[] { empty, folder.File("missing.pem") })
        {
            EdgeOptions options = With(new() { Roots = file });
            string refused = Assert.Throws<CertificateException>(() => TrustedReplicas.Of(options, Quietly())).Message;
            Assert.StartsWith($"Edge:Upstream:Tls:Roots is \"{file}\", which cannot be used: ", refused, StringComparison.Ordinal);
            Assert.Equal([refused], CertificateCheck.Run(options, DateTimeOffset.UtcNow).Bad);
        }

        Assert.True(TrustedReplicas.Of(With(new() { Roots = good }), Quietly()).IsValueCreated);
        Assert.Empty(CertificateCheck.Run(With(new() { Roots = good }), DateTimeOffset.UtcNow).Bad);
    }

    [Fact]
    public void A_file_is_read_again_after_it_could_not_be_read()
    {
        using var folder = new TemporaryFolder();
        string file = folder.File("late.pem");
        var trust = ReplicaTrust.Of(new UpstreamTlsOptions { Roots = file });
        Assert.Throws<IOException>(() => trust.Value);
        File.WriteAllBytes(file, TestCertificates.Pem(TestReplicas.Authority));
        Assert.True(trust.Value.Verifies);
    }

    [Fact]
    public void To_verify_nothing_is_warned_of()
    {
        var lines = new LogLines();
        Assert.False(TrustedReplicas.Of(With(new() { Verify = false, Roots = "/none" }), new Log(lines, TimeProvider.System)).Value.Verifies);
        Assert.Contains("replicas_not_verified", lines.ToString(), StringComparison.Ordinal);
    }

    private static Log Quietly() => new(TextWriter.Null, TimeProvider.System);

    private static EdgeOptions With(UpstreamTlsOptions tls) => new() { Upstream = new() { Tls = tls }, Fleet = new() { Addresses = ["https://a:1"] } };
}
