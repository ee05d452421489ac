using Edge.Tests.Backends;
using Edge.Tests.Fuzz;
using Edge.Tests.Routing;

namespace Edge.Tests.Probes;

/// <summary>No request reaches a service by a spelling of another one's host or path, over sockets and the whole way from the options.</summary>
public class RouteProbeTests
{
    [Fact]
    public void Every_route_probe_has_a_name_of_its_own() =>
        Assert.Equal(RouteProbes.All.Length, RouteProbes.All.Select(probe => probe.Name).Distinct().Count());

    [Fact]
    public async Task A_route_cannot_be_got_around_however_the_request_is_split()
    {
        await using RouteWorld world = await RouteWorld.StartAsync();
        using Barrier barrier = await Barrier.OpenAsync(world.Endpoint);
        foreach (RouteProbe probe in RouteProbes.All)
        {
            string bytes = Probe.Lines(probe.Sends);
            await AskAsync(world, probe, bytes, 0, barrier);

            // Every split of what is short, and some of what is long.
            int[] splits = [.. Enumerable.Range(1, bytes.Length - 1).Where(at => bytes.Length < 120 || at % 29 == 0)];
            await Task.WhenAll(splits.Select(split => AskAsync(world, probe, bytes, split, barrier)));
        }

        Assert.Equal(0, world.Reached(RouteServices.Protected));
    }

    [Fact]
    public async Task Made_up_requests_reach_the_service_that_a_slow_reference_names_or_none()
    {
        await using RouteWorld world = await RouteWorld.StartAsync();
        var random = new Random(2026_11_29);
        var counts = new Dictionary<string, int>();
        Wire client = await Wire.ConnectAsync(world.Endpoint, TimeSpan.FromMinutes(2));
        for (int round = 0; round < 6_000; round++)
        {
            string request = RouteRequests.Next(random);
            string expected = RouteVerdict.Of(PlainMessage.ReadRequest(request));
            await client.SendAsync(request);
            Message answer = await client.ReadMessageAsync();
            string got = answer.Status == 200 ? answer.Text.Split(' ')[0] : RouteVerdict.Refused;
            string shown = $"{ProbeText.Shown(request)}: {expected}, and not {answer.Status} {answer.Text}";
            Assert.True(expected == got, shown);
            counts[got] = counts.GetValueOrDefault(got) + 1;
            if (answer.Field("Connection") == "close")
            {
                client.Dispose();
                client = await Wire.ConnectAsync(world.Endpoint, TimeSpan.FromMinutes(2));
            }
        }

        client.Dispose();
        Assert.Equal(0, world.Reached(RouteServices.Protected));

        // Each of them was met often, so that none was held by luck.
        IEnumerable<string> open = RouteServices.All.Select(service => service.Name).Where(name => name != RouteServices.Protected);
        Assert.All(
            [.. open, RouteServices.Default, RouteVerdict.Refused],
            name => Assert.True(counts.GetValueOrDefault(name) >= 50, $"{name}: {counts.GetValueOrDefault(name)}"));
    }

    private static async Task AskAsync(RouteWorld world, RouteProbe probe, string bytes, int split, Barrier barrier)
    {
        using Wire client = await Wire.ConnectAsync(world.Endpoint, TimeSpan.FromMinutes(1));
        if (split > 0)
        {
            await client.SendAsync(bytes[..split]);
            await barrier.PassAsync();
        }

        await client.SendAsync(bytes[split..]);
        Message answer = await client.ReadMessageAsync();
        string shown = $"{probe}, split at {split}: {answer.Status} {answer.Text}";
        if (probe.Service.Length == 0)
        {
            Assert.True(answer.Status.ToString() == probe.Sees, shown);
        }
        else
        {
            // Without a host in the request, the balancer names the replica's address.
            string host = probe.Host == "*" ? answer.Text.Split(' ')[^1] : probe.Host;
            Assert.True(answer.Text == RouteWorld.Answer(probe.Service, probe.Sees, host), shown);
        }

        Assert.True((answer.Field("Connection") == "close") == probe.Closes, shown);
    }
}
