using Edge.Config;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Config;

/// <summary>The format is that of docker run --env-file (docker/cli, pkg/kvfile).</summary>
public sealed class EnvFileTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("A=1\nB=2", "A=1|B=2")]
    [InlineData("A=1\r\nB=2\r\n", "A=1|B=2")]
    [InlineData("\n# a comment\n  # another\n\t\nA=1", "A=1")]
    [InlineData("  A=1", "A=1")]
    [InlineData("A= b c ", "A= b c ")]
    [InlineData("A=\"quoted\" # no comment", "A=\"quoted\" # no comment")]
    [InlineData("A=b=c", "A=b=c")]
    [InlineData("A=", "A=")]
    [InlineData("\ufeffA=1", "A=1")]
    [InlineData("HOME_OF_THIS\nNOT_SET\nB=2", "HOME_OF_THIS=here|B=2")]
    [InlineData("a.b-c=1", "a.b-c=1")]
    [InlineData("", "")]
    public void A_line_is_a_variable_as_Docker_reads_it(string text, string variables)
    {
        var mistakes = new List<OptionMistake>();
        Assert.Equal(variables.Split('|', StringSplitOptions.RemoveEmptyEntries), Read(text, mistakes));
        Assert.Empty(mistakes);
    }

    [Fact]
    public void Every_wrong_line_is_named_by_its_number_and_never_by_its_text()
    {
        var mistakes = new List<OptionMistake>();
        Assert.Equal(["A=1"], Read("A=1\n=hush\nhush hush\nA B=hush\nC=hush\0", mistakes));
        Assert.All(mistakes, m => Assert.Equal(("Edge:Docker:EnvFile", _file), (m.Key, m.Value)));
        Assert.Equal(["line 2 ", "line 3 ", "line 4 ", "line 5 "], mistakes.Select(m => m.Allowed[..7]));
        Assert.DoesNotContain(mistakes, m => m.ToString().Contains("hush", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_a_mistake_among_others()
    {
        LoadedOptions loaded = Load($"--Edge:Docker:EnvFile={_file}.missing", "--Edge:Fleet:Minimum=9", "--Edge:Fleet:Maximum=8");
        Assert.Null(loaded.Options);
        Assert.Contains(loaded.Mistakes, m => m.Key == "Edge:Docker:EnvFile" && m.Allowed.StartsWith("the file cannot be read: ", StringComparison.Ordinal));
        Assert.Contains(loaded.Mistakes, m => m.Key == "Edge:Fleet:Minimum");
    }

    [Fact]
    public void A_file_that_is_too_long_or_no_text_is_refused()
    {
        var mistakes = new List<OptionMistake>();
        Read("A=" + new string('x', Limits.EnvFileBytes), mistakes);
        File.WriteAllBytes(_file, [0x41, 0x3d, 0xff]);
        EnvFile.Read(_file, _ => null, mistakes);
        Assert.Equal([$"the file cannot be read: it has more than {Limits.EnvFileBytes} bytes", "the file is not UTF-8"], mistakes.Select(m => m.Allowed));
    }

    [Fact]
    public void It_is_read_for_the_start_and_not_for_a_reload()
    {
        File.WriteAllText(_file, "A=1");
        Assert.Equal(["A=1"], Load($"--Edge:Docker:EnvFile={_file}").Options!.Docker.FileEnvironment);

        // The file may be wrong at that time, or the user that the process has become may not read it.
        File.WriteAllText(_file, "=");
        Assert.NotEmpty(Load($"--Edge:Docker:EnvFile={_file}").Mistakes);
        LoadedOptions again = OptionsLoader.Load(Sources($"--Edge:Docker:EnvFile={_file}"), OptionFileReads.AtReload(Load()));
        Assert.Empty(again.Mistakes);
        Assert.Empty(again.Options!.Docker.FileEnvironment);
    }

    [Fact]
    public void A_reload_reads_that_of_a_service_that_is_new_and_of_no_other()
    {
        File.WriteAllText(_file, "A=1");
        string[] known = ["--Edge:Services:known:Hosts:0=k.example", $"--Edge:Services:known:Docker:EnvFile={_file}", $"--Edge:Docker:EnvFile={_file}"];
        string[] both = [.. known, "--Edge:Services:new:Hosts:0=n.example", $"--Edge:Services:new:Docker:EnvFile={_file}"];
        LoadedOptions first = Load(known);
        Assert.Equal(["A=1"], first.Options!.Services.Single().Docker.FileEnvironment);
        LoadedOptions again = OptionsLoader.Load(Sources(both), OptionFileReads.AtReload(first));
        Assert.Empty(again.Mistakes);
        Assert.Equal(["A=1"], again.Options!.Services.Single(service => service.Name == "new").Docker.FileEnvironment);
        Assert.Empty(again.Options.Services.Single(service => service.Name == "known").Docker.FileEnvironment);
        Assert.Empty(again.Options.Docker.FileEnvironment);

        // What is wrong with it refuses the reload, and names the key of the service.
        File.WriteAllText(_file, "=");
        OptionMistake wrong = Assert.Single(OptionsLoader.Load(Sources(both), OptionFileReads.AtReload(first)).Mistakes);
        Assert.Equal(("Edge:Services:new:Docker:EnvFile", _file), (wrong.Key, wrong.Value));
        Assert.Equal("line 1 is not NAME=value or NAME: it has no name", wrong.Allowed);
        Assert.Empty(OptionsLoader.Load(Sources(both), OptionFileReads.AtReload(again)).Mistakes);
    }

    [Fact]
    public void A_reload_that_cannot_read_the_file_of_a_new_service_says_as_whom_it_tried()
    {
        LoadedOptions first = Load("--Edge:User=65532:65532,54321");
        OptionMistake wrong = Assert.Single(OptionsLoader.Load(
            Sources("--Edge:User=65532:65532,54321", "--Edge:Services:new:Hosts:0=n.example", $"--Edge:Services:new:Docker:EnvFile={_file}.missing"),
            OptionFileReads.AtReload(first)).Mistakes);
        Assert.StartsWith("the file cannot be read: ", wrong.Allowed, StringComparison.Ordinal);
        Assert.EndsWith("(a reload reads it as the user 65532:65532,54321)", wrong.Allowed, StringComparison.Ordinal);
    }

    [Fact]
    public void What_it_holds_is_not_shown()
    {
        File.WriteAllText(_file, "PASSWORD=hush");
        LoadedOptions loaded = Load($"--Edge:Docker:EnvFile={_file}");
        Assert.Equal(_file, loaded.Shown()["Edge:Docker:EnvFile"]);
        Assert.DoesNotContain(loaded.Shown(), o => o.Value.Contains("hush", StringComparison.Ordinal));
    }

    private IReadOnlyList<string> Read(string text, List<OptionMistake> mistakes)
    {
        File.WriteAllText(_file, text);
        return EnvFile.Read(_file, name => name == "HOME_OF_THIS" ? "here" : null, mistakes);
    }

    private static LoadedOptions Load(params string[] arguments) => OptionsLoader.Load(Sources(arguments));

    private static OptionSources Sources(params string[] arguments) => new([], new MemoryConfigurationSource(), arguments);
}
