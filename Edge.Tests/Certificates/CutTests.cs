using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Certificates;

namespace Edge.Tests.Certificates;

/// <summary>A process that ends between two steps on the disk, as by kill -9: the next process goes on from there.</summary>
public sealed class CutTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Whatever_step_a_process_ends_after_the_next_one_finds_usable_files_and_orders_nothing_twice()
    {
        await using var world = new FakeWorld();
        var steps = new List<string>();
        AcmeManager whole = world.Manage(["whole.example"], steps.Add);
        await world.Logs.WaitAsync(1, "certificate_issued");
        await whole.DisposeAsync();
        string folder = world.Open().Folder;
        CheckFiles(folder);
        int ordered = steps.IndexOf("whole.example.order renamed");
        Assert.True(ordered > 0 && steps.Contains("account.pem begun") && steps[^1] == "whole.example.failures removed", string.Join(", ", steps));
        for (int last = 0; last < steps.Count; last++)
        {
            string host = $"cut{last}.example";
            File.Delete(Path.Combine(folder, "account.pem"));
            int taken = 0;
            AcmeManager cut = world.Manage([host], name =>
            {
                if (taken++ >= last)
                {
                    throw new IOException($"cut after {name}");
                }
            });
            await world.Logs.WaitAsync(1, "cut after", host);
            await cut.DisposeAsync();
            CheckFiles(folder);
            AcmeManager next = world.Manage([host]);
            await next.RestAsync().WaitAsync(s_patience);
            await next.DisposeAsync();
            Assert.Equal((host, "acme"), (host, Assert.Single(next.Current).Source));
            Assert.Equal((host, last < ordered && last >= steps.IndexOf("account.pem renamed") + 1 ? 2 : 1), (host, world.Authority.OrdersOf(host)));
            CheckFiles(folder);
        }
    }

    // Every file that has its final name is whole, and nobody else's to read.
    private static void CheckFiles(string folder)
    {
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder));
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            if (file.EndsWith("account.pem", StringComparison.Ordinal) || file.EndsWith(".order", StringComparison.Ordinal))
            {
                using var key = ECDsa.Create();
                key.ImportFromPem(File.ReadAllText(file));
            }
            else if (file.EndsWith(".pem", StringComparison.Ordinal))
            {
                using X509Certificate2 certificate = X509Certificate2.CreateFromPem(File.ReadAllText(file), File.ReadAllText(file));
                Assert.True(certificate.HasPrivateKey);
            }
        }
    }
}
