using Edge.Config;
using Microsoft.Extensions.Configuration.Memory;

namespace Edge.Tests.Config;

/// <summary>Holds the catalog, the records and the binder together: one option is one entry, one property and one default.</summary>
public sealed class OptionsCatalogTests
{
    // Of what texts, addresses and lists may be there is one here for each; numbers, durations, switches and choices are made from the entry.
    private static readonly string[] s_texts =
    [
        "127.0.0.1:7", "1000:1001", "other.example", "some-name", "/path", "host:80", "10.0.0.0/8", "NAME=value", "503", "200-299,401", "/data:/data", "501",
        "name:sha256:00112233445566778899aabbccddeeff:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        "me@example.org", "https://authority.example/directory",
    ];

    public static TheoryData<string> Keys => [.. OptionsCatalog.All.Select(entry => entry.Key)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_value_of_a_key_is_in_the_property_that_its_entry_reads_and_in_no_other(string key)
    {
        OptionEntry entry = OptionsCatalog.All.Single(candidate => candidate.Key == key);
        (string text, EdgeOptions options) = LoadOther(entry);
        Assert.Equal(text, entry.Read(options));
        Assert.All(OptionsCatalog.All.Where(other => other != entry), other => Assert.Equal(other.Default, other.Read(options)));
    }

    [Fact]
    public void Each_word_of_a_choice_is_a_value_of_its_own()
    {
        OptionEntry[] choices = [.. OptionsCatalog.All.Where(entry => entry.Kind == "choice")];
        Assert.NotEmpty(choices);
        foreach (OptionEntry choice in choices)
        {
            foreach (string word in Words(choice))
            {
                Assert.True(choice.Check(word) && choice.Check(word.ToUpperInvariant()));
                string[] more = choice.Key == "Edge:Fleet:Driver" && word == "static" ? ["--Edge:Fleet:Addresses:0=host:80"] : Beside(choice.Key);
                Assert.Equal(word, choice.Read(Load([$"--{choice.Key}={word.ToUpperInvariant()}", .. more]).Options!));
            }
        }
    }

    /// <summary>A value that is not the default, and is allowed by itself.</summary>
    private static (string Text, EdgeOptions Options) LoadOther(OptionEntry entry)
    {
        foreach (string text in Candidates(entry).Where(text => text != entry.Default && entry.Check(text)))
        {
            // Some need another one beside them.
            string[] more = Beside(entry.Key);
            if (Load([$"--{entry.FirstKey}={text}", .. more]).Options is { } options)
            {
                return (text, more.Length == 0 ? options : Without(options, entry.Key));
            }
        }

        throw new InvalidOperationException($"No value was found for {entry.Key}.");
    }

    private static string[] Beside(string key) => key switch
    {
        "Edge:Answers:Redirects:From" => ["--Edge:Answers:Redirects:0:To=https://a.example"],
        "Edge:Answers:Redirects:To" => ["--Edge:Answers:Redirects:0:From=/from"],
        "Edge:Health:Off" => ["--Edge:Fleet:Driver=static", "--Edge:Fleet:Addresses:0=host:80"],
        "Edge:Scale:Maximum" => ["--Edge:Scale:Minimum=0"],
        "Edge:Tls:Acme:Hosts" => ["--Edge:Tls:Acme:AgreeToTerms=true"],
        "Edge:Tls:Certificates:Key" => ["--Edge:Tls:Certificates:0:File=/path"],
        "Edge:Tls:ClientCertificates" => ["--Edge:Tls:ClientAuthorities=/path"],
        _ => [],
    };

    private static EdgeOptions Without(EdgeOptions options, string key) => key switch
    {
        "Edge:Answers:Redirects:From" => options with { Answers = new() { Redirects = [new() { From = options.Answers.Redirects[0].From }] } },
        "Edge:Answers:Redirects:To" => options with { Answers = new() { Redirects = [new() { To = options.Answers.Redirects[0].To }] } },
        "Edge:Scale:Maximum" => options with { Scale = new() { Maximum = options.Scale.Maximum } },
        "Edge:Tls:Acme:Hosts" => options with { Tls = options.Tls with { Acme = options.Tls.Acme with { AgreeToTerms = false } } },
        "Edge:Tls:Certificates:Key" => options with { Tls = new() { Certificates = [new() { Key = options.Tls.Certificates[0].Key }] } },
        "Edge:Tls:ClientCertificates" => options with { Tls = options.Tls with { ClientAuthorities = "" } },
        _ => options with { Fleet = new() },
    };

    private static string[] Candidates(OptionEntry entry) => entry.Kind switch
    {
        "number" => [$"{int.Parse(entry.Default) + 1}", $"{int.Parse(entry.Default) - 1}", .. s_texts],
        "duration" => ["7s", "200ms"],
        "switch" => [entry.Default == "true" ? "false" : "true"],
        "choice" => Words(entry),
        _ => s_texts,
    };

    private static string[] Words(OptionEntry choice) => choice.Allowed.Split([", ", " or "], StringSplitOptions.None);

    private static LoadedOptions Load(string[] arguments) =>
        OptionsLoader.Load(new OptionSources([], new MemoryConfigurationSource(), arguments), OptionFileReads.None);
}
