using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Edge.Tests.Tls;

namespace Edge.Tests.Docker;

/// <summary>Containers that speak TLS; the image of Edge is such an application, too.</summary>
[Collection(nameof(WithDocker))]
public sealed class SchemeTests(Engine engine) : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-scheme-");

    [Fact]
    public async Task A_container_with_the_label_is_spoken_to_over_TLS_and_one_with_another_name_in_its_certificate_is_not_believed()
    {
        X509Certificate2 authority = TestReplicas.Authority;
        await File.WriteAllBytesAsync(Path.Combine(_folder.FullName, "ca.pem"), TestCertificates.Pem(authority), TestContext.Current.CancellationToken);
        Write("app", TestCertificates.Sign(authority, ["app.example"]));
        Write("other", TestCertificates.Sign(authority, ["other.example"]));
        await using TestFleet fleet = await engine.NewFleetAsync();
        await RunAsync(fleet, "secure", "app");
        await RunAsync(fleet, "strange", "other");
        await using DockerEdge edge = await DockerEdge.StartUnreadyAsync(
            fleet, 2, ("Upstream:Tls:Roots", Path.Combine(_folder.FullName, "ca.pem")), ("Upstream:Tls:ServerName", "app.example"), ("Health:Path", "/home"));
        await edge.StateAsync("secure", "healthy");
        await edge.UntilAsync(async () => $"{await edge.ReplicaAsync("strange")}".Contains("hostname mismatch", StringComparison.Ordinal), "the name is wrong");
        Assert.Equal(50, (await edge.CountAsync(50))["secure"]);
        JsonElement secure = (await edge.ReplicaAsync("secure"))!.Value;
        Assert.Equal($"https://{await fleet.AddressAsync("secure")}:8443", secure.GetProperty("address").GetString());
        Assert.Equal(0, (await edge.ReplicaAsync("strange"))!.Value.GetProperty("requests").GetInt64());
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private void Write(string name, X509Certificate2 certificate) => File.WriteAllBytes(
        Path.Combine(_folder.FullName, $"{name}.pem"), [.. TestCertificates.Pem(certificate), .. TestCertificates.KeyPem(certificate)]);

    private Task RunAsync(TestFleet fleet, string name, string certificate) => fleet.RunAsync(
        name, "--network", fleet.Name, "--label", $"edge.fleet={fleet.Name}", "--label", "edge.port=8443", "--label", "edge.scheme=https",
        "--user", "0", "-v", $"{_folder.FullName}:/tls:ro", Engine.Image, "--Edge:Listen=https://*:8443", "--Edge:Fleet:Driver=process",
        "--Edge:Fleet:Replicas=1", "--Edge:Forwarding:NameReplica=false", $"--Edge:Tls:Certificates:0:File=/tls/{certificate}.pem");
}
