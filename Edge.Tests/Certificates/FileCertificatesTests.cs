using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Certificates;
using Edge.Config;
using Edge.Io;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>Certificates from real files, which change under the balancer in every way that is usual.</summary>
public sealed class FileCertificatesTests : IDisposable
{
    private static readonly X509Certificate2 s_shop = TestCertificates.Make(["shop.test"]);
    private static readonly X509Certificate2 s_shopLater = TestCertificates.Make(["shop.test"]);
    private static readonly X509Certificate2 s_blog = TestCertificates.Make(["blog.test"]);

    private readonly PemFolder _folder = new();
    private readonly TicketKeys _tickets = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_that_options_name_come_first_and_those_of_the_folder_after_them()
    {
        using var folder = new PemFolder();
        (string file, string key) = _folder.Pair("z.crt", "z.secret", s_shop);
        folder.Both("b.pem", TestCertificates.Make(["b.test"]));
        folder.Pair("a.crt", "a.key", TestCertificates.Make(["a.test"]));
        folder.Pair("certbot/fullchain.pem", "certbot/privkey.pem", TestCertificates.Make(["certbot.test"]));
        folder.Write("certbot/cert.pem", "no certificate by itself"u8.ToArray());
        folder.Pair("kubernetes/tls.crt", "kubernetes/tls.key", TestCertificates.Make(["kubernetes.test"]));
        folder.Write("kubernetes/ca.crt", TestCertificates.Pem(s_blog));
        folder.Write("README", "nothing"u8.ToArray());
        folder.Write(".hidden.pem", "nothing"u8.ToArray());
        FileCertificates files = Read(new TlsOptions { Certificates = [new() { File = file, Key = key }], Folder = folder.Path });
        Assert.Equal(["shop.test", "a.test", "b.test", "certbot.test", "kubernetes.test"], files.Current.Select(entry => entry.Names.Single()));
        Assert.Empty(files.Faults);
        Assert.Equal(file, files.Current[0].Source);
    }

    [Fact]
    public void A_changed_file_is_read_when_it_has_settled_and_no_other_file_is()
    {
        (string shop, string blog) = (_folder.Both("shop.pem", s_shop), _folder.Both("blog.pem", s_blog));
        FileCertificates files = Read(Named(shop, blog));
        TlsCertificate[] before = [.. files.Current.Select(entry => entry.Certificate)];
        int changes = 0;
        files.Changed += () => changes++;
        files.Look();
        Assert.Equal(0, changes);
        _folder.Both("shop.pem", s_shopLater);
        files.Look();
        Assert.Equal((0, before[0]), (changes, files.Current[0].Certificate));
        files.Look();
        Assert.Equal(1, changes);
        Assert.Equal(s_shopLater.SerialNumber, files.Current[0].Certificate.Facts.Serial, ignoreCase: true);
        Assert.Same(before[1], files.Current[1].Certificate);
    }

    [Fact]
    public void A_certificate_whose_key_comes_a_moment_later_is_not_taken_for_broken()
    {
        (string file, string key) = _folder.Pair("shop.crt", "shop.key", s_shop);
        FileCertificates files = Read(new TlsOptions { Certificates = [new() { File = file, Key = key }] });
        var errors = new List<string?>();
        files.Changed += () => errors.Add(files.Current[0].LastError);
        _folder.Write("shop.crt", TestCertificates.Pem(s_shopLater));
        files.Look();
        _folder.Write("shop.key", TestCertificates.KeyPem(s_shopLater));
        files.Look();
        files.Look();
        Assert.Equal([null], errors);
        Assert.Equal(s_shopLater.SerialNumber, files.Current[0].Certificate.Facts.Serial, ignoreCase: true);
    }

    [Fact]
    public void A_reload_reads_what_has_changed_at_once()
    {
        TlsOptions options = Named(_folder.Both("shop.pem", s_shop));
        FileCertificates files = Read(options);
        _folder.Both("shop.pem", s_shopLater);
        files.Read(options);
        Assert.Equal(s_shopLater.SerialNumber, files.Current[0].Certificate.Facts.Serial, ignoreCase: true);
        files.Read(Named(_folder.Both("blog.pem", s_blog)));
        Assert.Equal(["blog.test"], files.Current.Select(entry => entry.Names.Single()));
    }

    [Theory]
    [InlineData("", "has 0 bytes; allowed are 1 to 1048576")]
    [InlineData("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "no certificate can be read")]
    [InlineData("half", "no certificate can be read: bad end line")]
    [InlineData("other key", "the key")]
    [InlineData("bad chain", "a certificate of the chain cannot be read")]
    [InlineData("large", "has 1048577 bytes; allowed are 1 to 1048576")]
    public void A_broken_file_keeps_the_certificate_and_says_why_until_it_is_mended(string content, string why)
    {
        string file = _folder.Both("shop.pem", s_shop);
        TlsOptions options = Named(file);
        FileCertificates files = Read(options);
        TlsCertificate kept = files.Current[0].Certificate;
        byte[] whole = [.. TestCertificates.Pem(s_shopLater), .. TestCertificates.KeyPem(s_shopLater)];
        _folder.Write("shop.pem", content switch
        {
            "half" => whole[..(whole.Length / 2)],
            "other key" => [.. TestCertificates.Pem(s_shopLater), .. TestCertificates.KeyPem(s_blog)],
            "bad chain" => [.. whole, .. "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"u8],
            "large" => new byte[Limits.PemBytes + 1],
            _ => Encoding.ASCII.GetBytes(content),
        });
        files.Read(options);
        Assert.Same(kept, files.Current.Single().Certificate);
        Assert.Contains(why, files.Current[0].LastError, StringComparison.Ordinal);
        Assert.Empty(files.Faults);
        _folder.Write("shop.pem", whole);
        files.Read(options);
        Assert.Null(files.Current[0].LastError);
        Assert.NotSame(kept, files.Current[0].Certificate);
    }

    [Fact]
    public void A_file_that_is_gone_keeps_the_certificate_if_an_option_names_it()
    {
        string file = _folder.Both("shop.pem", s_shop);
        FileCertificates files = Read(Named(file));
        File.Delete(file);
        files.Look();
        Assert.Null(files.Current[0].LastError);
        files.Look();
        Assert.Equal($"there is no file {file}", files.Current[0].LastError);
    }

    [Fact]
    public void What_was_never_a_certificate_is_a_fault_which_tells_nothing_of_the_content()
    {
        string file = _folder.Write("shop.pem", [.. TestCertificates.Pem(s_shop), .. "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n"u8]);
        FileCertificates files = Read(Named(file, _folder.Both("blog.pem", s_blog)));
        CertificateFault fault = Assert.Single(files.Faults);
        Assert.Equal(file, fault.Source);
        Assert.StartsWith("no key can be read: ", fault.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", fault.Why, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("c2VjcmV0", fault.Why, StringComparison.Ordinal);
        Assert.Equal(["blog.test"], files.Current.Select(entry => entry.Names.Single()));
    }

    [Fact]
    public async Task A_folder_whose_link_leads_elsewhere_is_read_anew_as_Kubernetes_changes_secrets()
    {
        _folder.Pair("..1/tls.crt", "..1/tls.key", s_shop);
        Directory.CreateSymbolicLink(_folder.At("..data"), "..1");
        File.CreateSymbolicLink(_folder.At("tls.crt"), "..data/tls.crt");
        File.CreateSymbolicLink(_folder.At("tls.key"), "..data/tls.key");
        FileCertificates files = Read(new TlsOptions { Folder = _folder.Path });
        Assert.Equal(s_shop.SerialNumber, files.Current.Single().Certificate.Facts.Serial, ignoreCase: true);
        _folder.Pair("..2/tls.crt", "..2/tls.key", s_shopLater);
        Directory.CreateSymbolicLink(_folder.At("..data_tmp"), "..2");
        using (Process move = Process.Start("mv", ["-T", _folder.At("..data_tmp"), _folder.At("..data")]))
        {
            await move.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, move.ExitCode);
        }

        Directory.Delete(_folder.At("..1"), recursive: true);
        files.Look();
        files.Look();
        Assert.Equal(s_shopLater.SerialNumber, files.Current.Single().Certificate.Facts.Serial, ignoreCase: true);
        Assert.Null(files.Current[0].LastError);
    }

    [Fact]
    public void A_folder_is_followed_files_that_come_and_those_that_go()
    {
        _folder.Both("shop.pem", s_shop);
        FileCertificates files = Read(new TlsOptions { Folder = _folder.Path });
        _folder.Both("blog/fullchain.pem", s_blog);
        _folder.Write("blog/privkey.pem", TestCertificates.KeyPem(s_blog));
        files.Look();
        files.Look();
        Assert.Equal(["blog.test", "shop.test"], files.Current.Select(entry => entry.Names.Single()));

        // A link is replaced by removing it first: once is no sign that it is gone.
        string gone = File.ReadAllText(_folder.At("shop.pem"));
        File.Delete(_folder.At("shop.pem"));
        files.Look();
        File.WriteAllText(_folder.At("shop.pem"), gone);
        files.Look();
        Assert.Equal(["blog.test", "shop.test"], files.Current.Select(entry => entry.Names.Single()));
        File.Delete(_folder.At("shop.pem"));
        files.Look();
        files.Look();
        Assert.Equal(["blog.test"], files.Current.Select(entry => entry.Names.Single()));
    }

    [Fact]
    public void A_folder_that_is_gone_keeps_all_that_was_in_it()
    {
        _folder.Both("inner/shop.pem", s_shop);
        FileCertificates files = Read(new TlsOptions { Folder = _folder.At("inner") });
        Directory.Move(_folder.At("inner"), _folder.At("elsewhere"));
        files.Look();
        files.Look();
        Assert.Equal(["shop.test"], files.Current.Select(entry => entry.Names.Single()));
        Assert.Contains(files.Faults, fault => fault == new CertificateFault(_folder.At("inner"), "there is no such folder"));
        Directory.Move(_folder.At("elsewhere"), _folder.At("inner"));
        files.Look();
        files.Look();
        Assert.Empty(files.Faults);
        Assert.Null(files.Current.Single().LastError);
    }

    [Fact]
    public void A_reload_of_a_thousand_certificates_reads_the_one_that_has_changed()
    {
        X509Certificate2[] all = [.. Enumerable.Range(0, 1000).Select(i => TestCertificates.Make([$"n{i}.test"]))];
        for (int i = 0; i < all.Length; i++)
        {
            _folder.Both($"n{i:000}.pem", all[i]);
        }

        var options = new TlsOptions { Folder = _folder.Path };
        FileCertificates files = Read(options);
        TlsCertificate[] before = [.. files.Current.Select(entry => entry.Certificate)];
        Assert.Equal(1000, before.Length);
        _folder.Both("n500.pem", TestCertificates.Make(["n500.test"]));
        files.Read(options);
        TlsCertificate[] after = [.. files.Current.Select(entry => entry.Certificate)];
        Assert.Equal([500], Enumerable.Range(0, 1000).Where(i => before[i] != after[i]));
        var table = new CertificateTable(after, after[0]);
        Assert.All(Enumerable.Range(0, 1000), i => Assert.Same(after[i], table.Find(Encoding.ASCII.GetBytes($"n{i}.test"))));
        Array.ForEach([.. before, after[500]], certificate => certificate.Dispose());
    }

    private FileCertificates Read(TlsOptions options) => new(options, _tickets);

    private static TlsOptions Named(params string[] files) => new() { Certificates = [.. files.Select(file => new CertificateFileOptions { File = file })] };
}
