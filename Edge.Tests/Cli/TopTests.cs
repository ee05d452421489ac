using System.Text.Json;
using Edge.Cli;
using Edge.Control;

namespace Edge.Tests.Cli;

public class TopTests
{
    private static readonly StatusReport s_status = JsonSerializer.Deserialize(Statuses.One, ContractJson.Readable.EnvelopeStatusReport)!.Message;

    [Fact]
    public void Colours_are_for_terminals_that_want_them()
    {
        using var plain = new StringWriter();
        StatusText.Of(s_status).Write(plain, colours: false);
        Assert.DoesNotContain("\e", plain.ToString());
        using var coloured = new StringWriter();
        StatusText.Of(s_status).Write(coloured, colours: true);
        Assert.Contains("\e[32mhealthy", coloured.ToString());
        Assert.Contains("\e[31mgone (crash loop)", coloured.ToString());
    }

    [Fact]
    public void A_frame_is_no_larger_than_the_window()
    {
        string frame = StatusText.Of(s_status).Frame(colours: false, columns: 34, rows: 6);
        Assert.StartsWith("\e[Hedge 1, fleet edge, up 00:01:01, p\e[K\r\n", frame, StringComparison.Ordinal);
        Assert.EndsWith("\e[J", frame, StringComparison.Ordinal);
        string[] lines = frame.Replace("\e[H", "").Replace("\e[K", "").Replace("\e[J", "").Split("\r\n");
        Assert.Equal(6, lines.Length);
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 34));
    }

    [Fact]
    public async Task It_draws_what_is_new_says_what_is_amiss_and_leaves_the_screen_as_it_was()
    {
        using var output = new StringWriter();
        using var end = new CancellationTokenSource();
        int reads = 0;
        var top = new Top(output, new Terminal(true, true, () => (200, 50)), async _ =>
        {
            reads++;
            if (reads == 2)
            {
                await end.CancelAsync();
            }

            return reads == 1 ? (null, "it cannot be reached") : (s_status, "");
        });
        await top.RunAsync(s_status, end.Token);
        string drawn = output.ToString();
        Assert.StartsWith("\e[?1049h\e[?25l\e[H", drawn, StringComparison.Ordinal);
        Assert.EndsWith("\e[?25h\e[?1049l", drawn, StringComparison.Ordinal);
        Assert.Contains("q ends; arrows", drawn);
        Assert.Contains("it cannot be reached; this was known before", drawn);
    }
}
