using Edge.Tests.Backends;
using Edge.Tests.Native;

namespace Edge.Tests.Fuzz;

/// <summary>
/// What the guided runs have found worth keeping, and changes of it by chance, always the same ones. The guided run itself:
/// scripts/fuzz.sh.
/// </summary>
[Collection(nameof(Alone))]
public sealed class ReplayTests
{
    [Theory]
    [InlineData("request", 30_000)]
    [InlineData("response", 30_000)]
    [InlineData("exchange", 3_000)]
    [InlineData(FuzzTargets.InMemory, 3_000)]
    public void Everything_holds_for_the_corpus_and_for_changes_of_it(string name, int changes)
    {
        // What the streams are made of is nothing that an input says.
        string inputs = name == FuzzTargets.InMemory ? "exchange" : name;
        byte[][] corpus = [.. FuzzSeeds.Of(inputs).Select(s => s.Seed), .. Corpus(inputs)];
        using IFuzzTarget target = FuzzTargets.Make(name);
        foreach (byte[] input in corpus)
        {
            Run(target, input);
        }

        int descriptors = Descriptors();
        var mutator = new Mutator(corpus, seed: 1);
        for (int i = 0; i < changes; i++)
        {
            Run(target, mutator.Next());
        }

        // The process has some of its own; what leaks here leaks by the thousand. No other test runs meanwhile: some open thousands.
        Assert.InRange(Descriptors(), 0, descriptors + changes / 10);
    }

    [Fact]
    public void Every_target_has_a_corpus() => Assert.All(FuzzTargets.Names, name => Assert.NotEmpty(Corpus(name)));

    // A check that nothing can fail checks nothing.
    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET /other HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nX: 1\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nX: 1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.1\r\nHost: h\r\nKeep-Alive: 1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx", "GET / HTTP/1.1\r\nHost: h\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "GET / HTTP/1.0\r\nHost: h\r\n\r\n")]
    public void A_request_that_changes_on_the_way_is_noticed(string sent, string forwarded) =>
        Assert.Throws<FuzzException>(() => RequestTarget.CheckSame(PlainMessage.ReadRequest(sent), PlainMessage.ReadRequest(forwarded)));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r\n", nameof(Reading.Whole))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n", nameof(Reading.Partial))]
    [InlineData("GET / HTTP/1.1\r\n\r\n", nameof(Reading.Bad))]
    [InlineData("GET / HTTP/1.1\nHost: h\n\r\n\r\n", nameof(Reading.Bad))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n", nameof(Reading.Bad))]
    [InlineData("GET / HTTP/1.1\r\nHost : h\r\n\r\n", nameof(Reading.Bad))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\nx", nameof(Reading.Bad))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx", nameof(Reading.Bad))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", nameof(Reading.Bad))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", nameof(Reading.Bad))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", nameof(Reading.Whole))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", nameof(Reading.Partial))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nxx\r\n0\r\n\r\n", nameof(Reading.Bad))]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\nx\r\n0\r\n\r\n", nameof(Reading.Bad))]
    public void The_plain_reader_knows_what_is_ambiguous(string text, string reading) =>
        Assert.Equal(reading, PlainMessage.ReadRequest(text).Reading.ToString());

    private static void Run(IFuzzTarget target, byte[] input)
    {
        try
        {
            target.Run(input);
        }
        catch (Exception failed)
        {
            Assert.Fail($"{failed}\nfor {Convert.ToBase64String(input)}");
        }
    }

    private static IEnumerable<byte[]> Corpus(string name) =>
        Directory.EnumerateFiles(Path.Combine(Repository.Root, "Edge.Tests", "Fuzz", "Corpus", name)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes);

    private static int Descriptors() => Directory.GetFileSystemEntries("/proc/self/fd").Length;
}
