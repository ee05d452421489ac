using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Tests.Docker;
using Edge.Tests.Native;

namespace Edge.Tests.Cli;

/// <summary>
/// <c>edge top</c> of the published binary, on a pseudo terminal of 80 columns and 24 rows. Without script(1) it is skipped, but fails where CI is set.
/// </summary>
public sealed partial class TopTerminalTests : IDisposable
{
    private const int Services = 50;
    private const int Replicas = 4;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-top-");

    public void Dispose() => _folder.Delete(recursive: true);

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes { get; }

    [GeneratedRegex(@"\| (\d+)-(\d+) of (\d+)")]
    private static partial Regex Place { get; }

    [Fact]
    public async Task Every_service_and_every_replica_can_be_scrolled_to()
    {
        if (Command.Find("script") is null)
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null, "CI has to have script(1).");
            Assert.Skip("script(1) is not installed; ./test.sh installs it.");
        }

        IEnumerable<string> services = Enumerable.Range(1, Services).Select(i =>
        {
            string addresses = string.Join(", ", Enumerable.Range(1, Replicas).Select(k => $"\"127.0.{i}.{k}:9\""));
            return $$"""
                "{{NameOf(i)}}": {"Hosts": ["{{NameOf(i)}}.example"], "Fleet": {"Addresses": [{{addresses}}]}, "Health": {"Off": true} }
                """;
        });
        await File.WriteAllTextAsync(
            Path.Combine(_folder.FullName, "appsettings.json"), $$"""{"Edge": {"Services": { {{string.Join(", ", services)}} } } }""",
            TestContext.Current.CancellationToken);
        await using NativeEdge edge = await NativeEdge.StartAsync(_folder.FullName, []);
        var start = new ProcessStartInfo(
            "script", ["-qec", $"stty cols 80 rows 24; {NativeEdge.Binary} top --url http://{edge.Endpoint}", "/dev/null"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["TERM"] = "xterm";
        start.Environment["NO_COLOR"] = "1";
        using Process top = Process.Start(start)!;
        try
        {
            var seen = new HashSet<string>();
            string[] frame = await NextAsync(top, after: -1, seen);
            Assert.Equal(24, frame.Length);
            for ((int _, int last, int all) = PlaceOf(frame); last < all; (_, last, all) = PlaceOf(frame))
            {
                await top.StandardInput.WriteAsync("\e[6~");
                await top.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
                frame = await NextAsync(top, last, seen);
            }

            Assert.All(Enumerable.Range(1, Services), i => Assert.Single(seen, line => line.StartsWith(NameOf(i) + " ", StringComparison.Ordinal)));
            Assert.All(
                from i in Enumerable.Range(1, Services) from k in Enumerable.Range(1, Replicas) select $"  127.0.{i}.{k}:9 ",
                name => Assert.Single(seen, line => line.StartsWith(name, StringComparison.Ordinal)));
            await top.StandardInput.WriteAsync("q");
            await top.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
            string rest = await top.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.EndsWith("\e[?1049l", rest.TrimEnd(), StringComparison.Ordinal);
            await top.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, top.ExitCode);
        }
        finally
        {
            if (!top.HasExited)
            {
                top.Kill(entireProcessTree: true);
            }
        }
    }

    private static string NameOf(int i) => string.Create(CultureInfo.InvariantCulture, $"app{i:00}");

    private static (int First, int Last, int All) PlaceOf(string[] frame)
    {
        Match place = Place.Match(frame[^1]);
        return (Number(1), Number(2), Number(3));

        int Number(int group) => int.Parse(place.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    // The next frame that ends with another line than the one before did; adds its lines to those that were seen, without their figures' spaces.
    private static async Task<string[]> NextAsync(Process top, int after, HashSet<string> seen)
    {
        var text = new StringBuilder();
        char[] buffer = new char[4096];
        while (true)
        {
            int read = await top.StandardOutput.ReadAsync(buffer, TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.True(read > 0, $"it has ended: {text}");
            text.Append(buffer, 0, read);

            // A frame begins at the upper left corner, and ends with the rest of the window being erased.
            foreach (string one in text.ToString().Split("\e[H")[1..].Where(one => one.Contains("\e[J", StringComparison.Ordinal)))
            {
                string[] lines = [.. Escapes.Replace(one[..one.IndexOf("\e[J", StringComparison.Ordinal)], "").Split("\r\n").Select(line => line.TrimEnd())];
                if (Place.IsMatch(lines[^1]) && PlaceOf(lines).Last != after)
                {
                    Assert.All(lines, line => Assert.InRange(line.Length, 0, 80));
                    seen.UnionWith(lines);
                    return lines;
                }
            }
        }
    }
}
