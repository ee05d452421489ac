using System.Text;
using Edge.Routing;

namespace Edge.Tests.Routing;

/// <summary>The part of a target before the query, and whether it says what it means: as a look at each byte finds it.</summary>
public sealed class RoutePathTests
{
    [Fact]
    public void Targets_of_any_length_are_seen_as_byte_by_byte()
    {
        const string Characters = "/.?%\\;abcdefgh\u007f\u00af\u00ff ";
        var random = new Random(5);
        int plain = 0;
        for (int length = 0; length <= 100; length++)
        {
            for (int i = 0; i < 300; i++)
            {
                // Few or many of those with a meaning.
                int kinds = i % 3 == 0 ? Characters.Length : 8;
                string target = string.Concat(Enumerable.Range(0, length).Select(
                    _ => i % 3 == 1 || random.Next(12) == 0 ? Characters[random.Next(Characters.Length)] : Characters[^(1 + random.Next(kinds))]));
                Check(target);
                plain += Reference(target).IsPlain ? 1 : 0;
            }
        }

        Assert.InRange(plain, 3_000, 27_000);
    }

    [Theory]
    [InlineData("/%41")]
    [InlineData("/a\\")]
    [InlineData(";")]
    [InlineData("//")]
    [InlineData("/.")]
    [InlineData("?")]
    [InlineData("/a.b")]
    public void What_counts_is_seen_at_any_place_of_a_long_target(string what)
    {
        for (int length = 0; length <= 70; length++)
        {
            for (int place = 0; place <= length; place++)
            {
                Check("/" + new string('a', length).Insert(place, what));
            }
        }
    }

    private static void Check(string target)
    {
        string path = Encoding.Latin1.GetString(RoutePath.Of(Encoding.Latin1.GetBytes(target), out bool isPlain));
        Assert.Equal(Reference(target), (path, isPlain));
    }

    private static (string Path, bool IsPlain) Reference(string target)
    {
        string path = target.Split('?')[0];
        bool isPlain = path.IndexOfAny(['%', '\\', ';']) < 0
            && !path.Contains("//", StringComparison.Ordinal) && !path.Contains("/.", StringComparison.Ordinal);
        return (path, isPlain);
    }
}
