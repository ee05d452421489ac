using Edge.Cli;
using Edge.Config;

namespace Edge.Tests.Cli;

public sealed class HelpTests
{
    [Theory]
    [InlineData("", null)]
    [InlineData("--listen :80", null)]
    [InlineData("add -n 2", null)]
    [InlineData("--env X=--help", null)]
    [InlineData("--help", "")]
    [InlineData("-h", "")]
    [InlineData("help", "")]
    [InlineData("--listen :80 --help", "")]
    [InlineData("--help --all", "--all")]
    [InlineData("help --all", "--all")]
    [InlineData("help options", "options")]
    [InlineData("help add", "add")]
    [InlineData("help help", "help")]
    [InlineData("help --help", "help")]
    [InlineData("add --help", "add")]
    [InlineData("add -n 2 -h", "add")]
    [InlineData("replica --help", "replica")]
    [InlineData("ad --help", "ad")]
    public void Help_is_given_where_it_is_asked_for_and_nowhere_else(string arguments, string? topic) =>
        Assert.Equal(topic, HelpText.TopicOf(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Fact]
    public void The_short_help_has_every_verb_and_every_short_argument_and_fits_a_terminal()
    {
        string help = Write("");
        Assert.All(Verbs.Named, verb => Assert.Contains($"\n  edge {verb.Name}", help, StringComparison.Ordinal));
        OptionAlias[] aliases = [.. OptionsCatalog.All.Select(entry => entry.Alias).OfType<OptionAlias>()];
        Assert.All(aliases, alias => Assert.Contains($"\n  {alias.Name} {alias.Value}  ", help, StringComparison.Ordinal));
        Assert.Contains("  edge --listen :80 --image my-app:1.2 --port 3000 --health /healthz --replicas 3\n", help, StringComparison.Ordinal);
        Assert.DoesNotContain("Edge:Ejection:", help, StringComparison.Ordinal);
        Assert.InRange(help.Split('\n').Length, 30, 80);
    }

    [Theory]
    [InlineData("options")]
    [InlineData("--all")]
    public void The_whole_help_has_every_option_with_its_default(string topic)
    {
        string help = Write(topic);
        Assert.All(OptionsCatalog.All, entry => Assert.Contains($"\n  {entry.ShownKey} ", help, StringComparison.Ordinal));
        Assert.Contains("[1m]", help, StringComparison.Ordinal);
        Assert.Equal(topic == "--all", help.StartsWith(Write(""), StringComparison.Ordinal));
    }

    [Fact]
    public void Each_verb_has_a_help_of_its_own_with_its_arguments_and_an_example()
    {
        foreach (Verb verb in Verbs.Named)
        {
            string help = Write(verb.Name);
            Assert.StartsWith($"edge {verb.Name}", help, StringComparison.Ordinal);
            Assert.All(verb.Options, option => Assert.Contains($"\n  {option.Name} {option.Value}", help, StringComparison.Ordinal));
            Assert.Equal(verb.IsClient, help.Contains("\n  --url URL", StringComparison.Ordinal));
            Assert.Equal(verb.TakesOptions, help.Contains("\n  --image IMAGE", StringComparison.Ordinal));
            Assert.NotEmpty(verb.Examples);
            Assert.All(verb.Examples, example => Assert.Contains($"\n  {example}\n", help, StringComparison.Ordinal));
        }
    }

    /// <summary>What an example of serving or of a client verb has, the program understands.</summary>
    [Fact]
    public void The_examples_are_understood()
    {
        foreach (string example in Verbs.Examples.Concat(Verbs.Named.SelectMany(verb => verb.Examples)).SelectMany(example => example.Split(" && ")))
        {
            string[] words = [.. example.Split(" | ")[0].Split(' ').Skip(1).Select(word => word.Trim('\''))];
            if (words is [var name, ..] && Verbs.Find(name) is { } verb)
            {
                Assert.True(!verb.IsClient || ClientArguments.Parse(name, words[1..], out string mistake) is not null, example);
                words = verb.TakesOptions ? words[1..] : [];
            }

            words = example.StartsWith("edge", StringComparison.Ordinal) ? words : [];
            Assert.All(OptionArguments.Parse(words).Mistakes, told => Assert.Fail($"{example}: {told}"));
        }
    }

    [Theory]
    [InlineData("stauts", "edge: there is no verb \"stauts\"; status is one")]
    [InlineData("serve", "edge: there is no verb \"serve\"; without one edge serves, and edge --help lists them")]
    public void A_verb_that_there_is_not_is_named_with_the_nearest(string topic, string told)
    {
        using var errors = new StringWriter();
        Assert.Equal(ExitCodes.Usage, HelpText.Write(topic, TextWriter.Null, errors));
        Assert.Equal(told, errors.ToString().TrimEnd());
    }

    private static string Write(string topic)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter();
        Assert.Equal(ExitCodes.Ok, HelpText.Write(topic, output, errors));
        Assert.Empty(errors.ToString());
        Assert.All(output.ToString().Split('\n'), line => Assert.InRange(line.Length, 0, 100));
        return output.ToString();
    }
}
