using System.Security.Cryptography.X509Certificates;
using Edge.Certificates;
using Edge.Config;
using Edge.Io;
using Edge.Telemetry;
using Edge.Tests.Backends;
using Edge.Tests.Fleet;
using Edge.Tests.Tls;

namespace Edge.Tests.Certificates;

/// <summary>What becomes of the certificates of all sources.</summary>
public sealed class CertificateStoreTests : IDisposable
{
    private static readonly X509Certificate2 s_shop = TestCertificates.Make(["shop.test"]);
    private static readonly X509Certificate2 s_shopRsa = TestCertificates.Make(["shop.test", "old.test"], rsa: true);
    private static readonly X509Certificate2 s_blog = TestCertificates.Make(["blog.test"]);

    private readonly PemFolder _folder = new();
    private readonly LogLines _lines = new();
    private readonly List<(string Kind, string What)> _events = [];
    private readonly TicketKeys _tickets = new();
    private readonly TlsFrontend _frontend;
    private readonly TaskCompletionSource _turned = new();

    public CertificateStoreTests() => _frontend = new TlsFrontend(new CertificateTable([], null), _tickets);

    public void Dispose()
    {
        _frontend.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_certificate_that_went_is_freed_when_every_loop_has_turned()
    {
        TlsOptions options = Named(_folder.Both("shop.pem", s_shop));
        (FileCertificates files, _) = Open(options);
        TlsCertificate old = _frontend.Certificates.Find("shop.test"u8)!;
        _folder.Both("shop.pem", s_blog);
        files.Read(options);
        TlsCertificate present = _frontend.Certificates.Find("blog.test"u8)!;
        Assert.NotSame(old, present);
        Assert.NotEqual(0, old.Handle);
        _turned.SetResult();
        await Quiet.UntilAsync(() => old.Handle == 0, "it is freed");
        Assert.NotEqual(0, present.Handle);
    }

    [Fact]
    public void Two_kinds_of_keys_for_one_name_are_shown_as_one_and_stay_so_when_another_certificate_changes()
    {
        TlsOptions options = Named(_folder.Both("ecdsa.pem", s_shop), _folder.Both("rsa.pem", s_shopRsa), _folder.Both("blog.pem", s_blog));
        (FileCertificates files, CertificateStore store) = Open(options);
        TlsCertificate both = _frontend.Certificates.Find("shop.test"u8)!;
        Assert.DoesNotContain(both, store.Entries.Select(entry => entry.Certificate));
        Assert.Same(store.Entries[1].Certificate, _frontend.Certificates.Find("old.test"u8));

        // The first certificate is the default, with the other kind beside it.
        Assert.Same(both, _frontend.Certificates.Find("other.test"u8));
        _folder.Both("blog.pem", TestCertificates.Make(["blog.test"]));
        files.Read(options);
        Assert.Same(both, _frontend.Certificates.Find("shop.test"u8));
    }

    [Fact]
    public void Other_names_are_refused_where_options_say_so()
    {
        (_, CertificateStore store) = Open(Named(_folder.Both("shop.pem", s_shop)));
        Assert.NotNull(_frontend.Certificates.Find("other.test"u8));
        store.Use(UnknownNamesRule.Refuse);
        Assert.Null(_frontend.Certificates.Find("other.test"u8));
        Assert.Null(_frontend.Certificates.Find(""u8));
        Assert.NotNull(_frontend.Certificates.Find("shop.test"u8));
    }

    [Fact]
    public void What_comes_fails_and_goes_is_in_the_log_and_the_events()
    {
        TlsOptions options = Named(_folder.Both("shop.pem", s_shop));
        (FileCertificates files, CertificateStore store) = Open(options);
        Assert.Contains("info certificates count=1 names=1", _lines.ToString(), StringComparison.Ordinal);
        _folder.Write("shop.pem", "broken"u8.ToArray());
        files.Read(options);
        files.Read(options);
        Assert.Equal(1, store.Errors);
        Assert.Equal(("certificate_kept", "shop.pem"), (_events.Single().Kind, NameIn(_events[0].What)));
        Assert.Contains("warning certificate_kept source=", _lines.ToString(), StringComparison.Ordinal);
        _folder.Both("shop.pem", s_blog);
        files.Read(options);
        Assert.Equal(["certificate_kept", "certificate_loaded", "certificate_gone"], _events.Select(one => one.Kind));
        Assert.Contains("blog.test, good until ", _events[1].What, StringComparison.Ordinal);
        files.Read(options with { Folder = _folder.At("nowhere") });
        Assert.Equal(("certificate_failed", $"{_folder.At("nowhere")}: there is no such folder"), _events[^1]);
        Assert.Equal(2, store.Errors);

        static string NameIn(string what) => Path.GetFileName(what[..what.IndexOf(':', StringComparison.Ordinal)]);
    }

    [Fact]
    public void Of_very_many_changes_the_log_and_the_events_name_the_first_and_count_the_rest()
    {
        TlsOptions options = new() { Folder = _folder.Path };
        (FileCertificates files, CertificateStore store) = Open(options);
        for (int i = 0; i < Limits.CertificatesNamed + 5; i++)
        {
            _folder.Write($"n{i:00}.pem", "broken"u8.ToArray());
        }

        files.Read(options);
        Assert.Equal(Limits.CertificatesNamed + 5, store.Errors);
        Assert.Equal(Limits.CertificatesNamed + 1, _events.Count);
        Assert.Equal(("certificate_failed", "5 more"), _events[^1]);
    }

    private (FileCertificates Files, CertificateStore Store) Open(TlsOptions options)
    {
        var files = new FileCertificates(options, _tickets);
        var store = new CertificateStore(_frontend, [files], options.UnknownNames, () => _turned.Task, new Log(_lines, TimeProvider.System));
        store.Happened += (kind, what) => _events.Add((kind, what));
        return (files, store);
    }

    private static TlsOptions Named(params string[] files) => new() { Certificates = [.. files.Select(file => new CertificateFileOptions { File = file })] };
}
