using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography.X509Certificates;
using Edge.Tests.Backends;
using Edge.Tests.Tls;

namespace Edge.Tests.Native;

/// <summary>What clients of TLS notice of a reload and of a takeover: nothing.</summary>
[Collection(nameof(Alone))]
public sealed class TlsContinuityTests
{
    // EDGE_TLS_RELOADS asks for more of them, as 1000.
    [Fact]
    public async Task Certificates_are_replaced_again_and_again_under_load_and_no_request_fails()
    {
        int reloads = int.Parse(Environment.GetEnvironmentVariable("EDGE_TLS_RELOADS") ?? "60", CultureInfo.InvariantCulture);
        await using HttpsEdge edge = await HttpsEdge.StartAsync();
        using X509Certificate2 even = TestCertificates.Make(["example.org"]), odd = TestCertificates.Make(["example.org"]);
        using Process kept = Load(edge, "-c16"), anew = Load(edge, "-c8", "-H", "Connection: close");
        for (int i = 0; i < reloads; i++)
        {
            X509Certificate2 next = i % 2 == 0 ? even : odd;
            HttpsEdge.WriteCertificate(edge.CertificateFile, next);
            int had = Reloads(edge);
            await edge.Process.SignalAsync("HUP");
            await Quiet.UntilAsync(() => Reloads(edge) > had, $"reload {i}:\n{edge.Process.Output}");
            using Wire client = await edge.ConnectAsync();
            Assert.Equal(next.GetSerialNumberString(), client.Tls!.RemoteCertificate!.GetSerialNumberString());
        }

        foreach (Process wrk in new[] { kept, anew })
        {
            using Process interrupt = Process.Start("kill", ["-INT", $"{wrk.Id}"]);
            string report = await wrk.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            string requests = report.Split('\n').First(l => l.Contains("requests in", StringComparison.Ordinal));
            TestContext.Current.TestOutputHelper!.WriteLine($"{reloads} reloads: {requests}");
            Assert.DoesNotContain("Non-2xx", report, StringComparison.Ordinal);
            Assert.DoesNotContain("Socket errors", report, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_session_is_resumed_after_a_reload_with_another_certificate_and_after_a_takeover(string version)
    {
        HttpsEdge edge = await HttpsEdge.StartAsync();
        string session = Path.Combine(edge.Folder, "session"), next = Path.Combine(edge.Folder, "next");
        Assert.Contains("\nNew, TLSv1.", await SClient.AskAsync(edge.Endpoint, version, "-sess_out", session), StringComparison.Ordinal);
        using X509Certificate2 other = TestCertificates.Make(["example.org"]);
        HttpsEdge.WriteCertificate(edge.CertificateFile, other);
        int had = Reloads(edge);
        await edge.Process.SignalAsync("HUP");
        await Quiet.UntilAsync(() => Reloads(edge) > had, "it is reloaded");
        Assert.Contains("\nReused, TLSv1.", await SClient.AskAsync(edge.Endpoint, version, "-sess_in", session, "-sess_out", next), StringComparison.Ordinal);
        if (File.Exists(next))
        {
            session = next;
        }

        HttpsEdge taker = await edge.TakeOverAsync();
        Assert.Equal(0, await edge.Process.ExitAsync());
        await edge.Process.DisposeAsync();
        Assert.Contains("\nReused, TLSv1.", await SClient.AskAsync(taker.Endpoint, version, "-sess_in", session), StringComparison.Ordinal);
        await taker.DisposeAsync();
    }

    private static Process Load(HttpsEdge edge, params string[] how)
    {
        string[] arguments = ["-t1", "-d600s", "--timeout", "20s", .. how, $"https://{edge.Endpoint}/home"];
        return Process.Start(new ProcessStartInfo("wrk", arguments) { RedirectStandardOutput = true })!;
    }

    private static int Reloads(HttpsEdge edge) => edge.Process.Output.Split("options_reloaded").Length - 1;
}
