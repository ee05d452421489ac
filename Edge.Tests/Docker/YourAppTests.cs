using System.Diagnostics;
using Edge.Tests.Backends;

namespace Edge.Tests.Docker;

/// <summary>The commands of docs/your-app.md, and of the README's section about one's own application, run as they stand there.</summary>
[Collection(nameof(WithDocker))]
public class YourAppTests(Engine engine)
{
    private const string Page = "docs/your-app.md";
    private const string Readme = "README.md";

    [Theory]
    [InlineData(Page, 1)]
    [InlineData(Page, 2)]
    [InlineData(Readme, 1)]
    [InlineData(Readme, 2)]
    public async Task A_Compose_project(string page, int major)
    {
        await using PageWalk walk = await PageWalk.StartAsync(engine, ComposeProject.RecreatingVersion(major));
        await DoAsync(walk, page, "compose", async block =>
        {
            if (block.Is("loaded"))
            {
                // The new version, and nothing else of the service.
                Assert.Equal(["my-app:1.3 running", "my-app:1.3 running", "my-app:1.3 running"], await engine.Docker.LinesAsync(
                    "ps", "--all", "--filter", "label=com.docker.compose.service=web", "--format", "{{.Image}} {{.State}}"));
            }
            else if (block.Text.StartsWith("EDGE_IMG=", StringComparison.Ordinal))
            {
                // The application, its database, the balancer, and the two that the balancer has made, which the new one knows.
                Assert.Equal(7, (await engine.Docker.LinesAsync("ps", "--quiet")).Length);
            }
        });
        if (page == Page)
        {
            Assert.Empty(await engine.Docker.LinesAsync("ps", "--all", "--quiet"));
            Assert.Empty(await engine.Docker.LinesAsync("network", "ls", "--quiet", "--filter", "type=custom"));
            Assert.Equal(["my-project_data"], await engine.Docker.LinesAsync("volume", "ls", "--quiet"));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Several_applications_in_one_Compose_project_with_https(int major)
    {
        await using PageWalk walk = await PageWalk.StartAsync(engine, ComposeProject.Version(major));
        await DoAsync(walk, Readme, "sites", _ => Task.CompletedTask);
    }

    [Theory]
    [InlineData(Page)]
    [InlineData(Readme)]
    public async Task An_image_without_Compose(string page)
    {
        await using PageWalk walk = await PageWalk.StartAsync(engine, ComposeProject.Version(1));
        await DoAsync(walk, page, "image", async block =>
        {
            if (block.Text.StartsWith("edge add -n 3", StringComparison.Ordinal))
            {
                string[] made = await engine.Docker.LinesAsync(
                    "ps", "--all", "--filter", "label=edge.fleet=edge", "--format", "{{.Image}} {{.State}} {{.Mounts}} {{.Networks}}");
                Assert.Equal(3, made.Length);
                Assert.All(made, m => Assert.True(m is "my-app:1.3 running data my-network,back" or "my-app:1.3 running data back,my-network", m));
            }
        });
        if (page == Page)
        {
            Assert.Empty(await engine.Docker.LinesAsync("ps", "--all", "--quiet"));
            Assert.Empty(await engine.Docker.LinesAsync("network", "ls", "--quiet", "--filter", "type=custom"));
            Assert.Equal(["data"], await engine.Docker.LinesAsync("volume", "ls", "--quiet"));
        }
    }

    [Theory]
    [InlineData(Page)]
    [InlineData(Readme)]
    public async Task Servers_that_run_already(string page)
    {
        await using PageWalk walk = await PageWalk.StartAsync(engine, ComposeProject.Version(1));
        string folder = Directory.CreateTempSubdirectory("edge-test-servers-").FullName;
        var servers = new List<Process>();
        try
        {
            string app = Path.Combine(folder, "app");
            string source = Path.Combine(Repository.Root, "Edge.Tests", "Docker", "UserApp", "app.c");
            await Command.RunAsync("musl-gcc", ["-static", "-O2", "-pthread", source, "-o", app]);
            foreach (string port in new[] { "3001", "3002", "3003" })
            {
                servers.Add(Process.Start(new ProcessStartInfo(app) { Environment = { ["PORT"] = port } })!);
            }

            await DoAsync(walk, page, "servers", _ => Task.CompletedTask);
            await walk.EndAsync();
            Assert.All(servers, s => Assert.False(s.HasExited));
        }
        finally
        {
            foreach (Process server in servers)
            {
                server.Kill();
                await server.WaitForExitAsync();
                server.Dispose();
            }

            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task DoAsync(PageWalk walk, string page, string name, Func<PageBlock, Task> then)
    {
        PageBlock[] blocks = [.. PageBlock.ReadAll(page).Where(b => b.Walks.Contains(name))];
        Assert.True(blocks.Length > 1, $"{page} has no walk {name}");
        for (int i = 0; i < blocks.Length; i++)
        {
            await walk.DoAsync(blocks[i], i + 1 < blocks.Length ? blocks[i + 1] : null);
            await then(blocks[i]);
        }
    }
}
