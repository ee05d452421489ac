using System.Text.Json;
using Edge.Config;
using Edge.Routing;
using Edge.Tests.Backends;

namespace Edge.Tests.Control;

/// <summary>The calls that pause, stop and resume a service, and where their results are shown.</summary>
public sealed class ServiceModeCallTests
{
    private static async Task<JsonElement> CallAsync(ControlServer server, string path)
    {
        Message answer = await server.CallAsync($"POST /edge/services/{path}");
        Assert.True(answer.Status == 200, answer.Text);
        return JsonDocument.Parse(answer.Text).RootElement.GetProperty("message");
    }

    private static async Task<(string? Default, string? Shop)> StatesAsync(ControlServer server)
    {
        JsonElement status = JsonDocument.Parse((await server.CallAsync("GET /edge/status")).Text).RootElement.GetProperty("message");
        return (status.GetProperty("state").GetString(), status.GetProperty("services")[0].GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_call_changes_one_service_and_says_what_it_was_before()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await server.AddShopAsync();
        Assert.Equal(("open", "open"), await StatesAsync(server));
        foreach ((string path, string service, string state, string was) in new[]
        {
            ("shop/pause", "shop", "paused", "open"), ("shop/pause", "shop", "paused", "paused"), ("shop/stop", "shop", "stopped", "paused"),
            ("default/pause", "default", "paused", "open"), ("shop/resume", "shop", "open", "stopped"), ("shop/stop", "shop", "stopped", "open"),
        })
        {
            JsonElement said = await CallAsync(server, path);
            Assert.Equal(
                (service, state, was), (said.GetProperty("service").GetString(), said.GetProperty("state").GetString(), said.GetProperty("was").GetString()));
        }

        Assert.Equal(("paused", "stopped"), await StatesAsync(server));
        Assert.Equal([("default", "paused"), ("shop", "stopped")], server.Services.Closed);
        Assert.Contains(" call_stop peer=127.0.0.1 by=loopback service=shop was=open result=done", server.Log, StringComparison.Ordinal);
        Assert.Equal(404, (await server.CallAsync("POST /edge/services/none/pause")).Status);
        Assert.Equal(404, (await server.CallAsync("POST /edge/services/Default/pause")).Status);
        await CallAsync(server, "default/resume");
        await CallAsync(server, "shop/resume");
        Assert.Equal(("open", "open"), await StatesAsync(server));
        Assert.Empty(server.Services.Closed);
    }

    [Fact]
    public async Task What_there_is_of_services_is_there_of_the_default_one_by_its_name_too()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        string without = (await server.CallAsync("GET /rep")).Text;
        Assert.Equal(without, (await server.CallAsync("GET /edge/services/default/rep")).Text);
        Assert.Equal(200, (await server.CallAsync("POST /edge/services/default/add", body: """{"n": 1, "hostnames": ["blue"]}""")).Status);
        Assert.Contains("blue", server.Running);
        Assert.Equal(200, (await server.CallAsync("POST /edge/services/default/weight", body: """{"hostnames": ["blue"], "weight": 2}""")).Status);
        Assert.Equal(200, (await server.CallAsync("DELETE /edge/services/default/rm", body: """{"n": 1, "hostnames": ["blue"]}""")).Status);
        Assert.DoesNotContain("blue", server.Running);
    }

    [Fact]
    public async Task While_another_process_may_take_over_no_mode_changes()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await server.Changes.CloseAsync();
        Message refused = await server.CallAsync("POST /edge/services/default/stop");
        Assert.Equal((503, "1"), (refused.Status, refused.Field("Retry-After")));
        Assert.Equal(ServiceMode.Open, server.Services.ModeOf(null));
        server.Changes.Open();
        Assert.Equal(200, (await server.CallAsync("POST /edge/services/default/stop")).Status);
    }

    [Fact]
    public async Task What_the_process_before_says_is_taken_up_as_far_as_it_is_known()
    {
        await using ControlServer server = await ControlServer.StartAsync();
        await server.AddShopAsync();
        server.Services.Close([("shop", "paused"), ("default", "stopped"), ("late", "paused"), ("shop", "resting")]);
        Assert.Equal(("stopped", "paused"), await StatesAsync(server));
        Assert.Contains(" service_stopped service=default", server.Log, StringComparison.Ordinal);
        Assert.Contains(" service_mode_ignored service=shop mode=resting", server.Log, StringComparison.Ordinal);

        // What is not there yet is handed on once more, and has its mode when it comes.
        (string, string)[] expected = [("default", "stopped"), ("shop", "paused"), ("late", "paused")];
        Assert.Equal(expected, server.Services.Closed);
        NamedServiceOptions shop = server.Services.Find("shop")!.Options;
        NamedServiceOptions late = shop with { Name = "late", Hosts = ["late.test"], Redirect = [], Fleet = shop.Fleet with { Name = "late", Replicas = 0 } };
        server.Services.Apply([shop, late]);
        Assert.Equal(ServiceMode.Paused, server.Services.ModeOf("late"));
        server.Services.Apply([shop]);
        server.Services.Apply([shop, late]);
        Assert.Equal(ServiceMode.Open, server.Services.ModeOf("late"));
    }
}
