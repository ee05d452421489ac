using System.Globalization;
using Edge.Tests.Backends;

namespace Edge.Tests.Native;

public sealed class ReloadTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-reload-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Options_are_reloaded_under_load_or_refused_and_no_request_fails()
    {
        Write("{}");
        await using var backend = new Backend(Scripts.Echo);
        await using NativeEdge edge = await NativeEdge.StartAsync(
            _folder.FullName, [], ("Fleet:Driver", "static"), ("Fleet:Addresses:0", backend.Address.ToString()));
        var load = new MixedLoad(edge.Endpoint, posts: true);
        using Wire client = await edge.ConnectAsync();
        Assert.Equal(backend.Address.ToString(), (await AskAsync(client, "/home")).Field("X-Edge-Replica"));
        for (int round = 1; round <= 3; round++)
        {
            await load.MoreAsync(300);
            await ReloadAsync(edge, Good(round), "options_reloaded changed=");
            Message answer = await AskAsync(client, "/home");
            Assert.Equal((null, $"1.1 v{round}"), (answer.Field("X-Edge-Replica"), answer.Field("Via")));
            Assert.Equal(401, (await AskAsync(client, "/rep")).Status);
            Assert.Equal(200, (await AskAsync(client, "/rep", $"Authorization: Bearer s3cret{round}\r\n")).Status);

            await ReloadAsync(edge, """{"Edge": {"Forwarding": {"NameReplica": "maybe"}, "Retries": {"Attempts": 0}}}""", "options_refused why=");
            await ReloadAsync(edge, """{"Edge": {"Loops": 5, "Fleet": {"Name": "other"}, "Forwarding": {"Via": "never"}}}""", "options_refused why=");
            Assert.Equal($"1.1 v{round}", (await AskAsync(client, "/home")).Field("Via"));
        }

        string[] failures = await load.StopAsync();
        TestContext.Current.TestOutputHelper!.WriteLine(load.ToString());
        Assert.Empty(failures);
        Assert.Contains("changed=Edge:Control:Token,Edge:Health:Fall,Edge:Forwarding:NameReplica,Edge:Forwarding:Via", edge.Output);
        string from = $"(from {Path.Combine(_folder.FullName, "appsettings.json")})";
        Assert.Contains($"Edge:Forwarding:NameReplica is \\\"maybe\\\": allowed is true or false {from}; Edge:Retries:Attempts is \\\"0\\\": ", edge.Output);
        Assert.DoesNotContain("s3cret", edge.Output);
    }

    private static string Good(int round) =>
        """{"Edge": {"Forwarding": {"NameReplica": false, "Via": "v#"}, "Control": {"Token": "s3cret#"}, "Health": {"Fall": 1#}}}"""
            .Replace("#", round.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);

    private static async Task<Message> AskAsync(Wire client, string path, string fields = "")
    {
        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: h\r\n{fields}\r\n");
        return await client.ReadMessageAsync();
    }

    private void Write(string text) => File.WriteAllText(Path.Combine(_folder.FullName, "appsettings.json"), text);

    /// <summary>Returns when the log says one more time what it is expected to.</summary>
    private async Task ReloadAsync(NativeEdge edge, string options, string expected)
    {
        int before = Count(edge, expected);
        Write(options);
        await edge.SignalAsync("HUP");
        await Quiet.UntilAsync(() => Count(edge, expected) == before + 1, $"{expected}:\n{edge.Output}");
    }

    private static int Count(NativeEdge edge, string text) => edge.Output.Split(text).Length - 1;
}
