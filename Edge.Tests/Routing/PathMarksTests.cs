using System.Text;
using Edge.Routing;

namespace Edge.Tests.Routing;

/// <summary>Marks of characters, beside a plain count.</summary>
public sealed class PathMarksTests
{
    [Fact]
    public void Each_character_of_a_piece_of_any_length_is_marked_at_its_place()
    {
        const string Characters = "/.?%\\;ab\u007f\u00af\u00ff ";
        var random = new Random(5);
        for (int length = 1; length <= PathMarks.BytesAtMost; length++)
        {
            for (int i = 0; i < 200; i++)
            {
                byte[] piece = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Range(0, length).Select(_ => Characters[random.Next(Characters.Length)])));
                Assert.Equal(new PathMarks(Bits(piece, "/"), Bits(piece, "."), Bits(piece, "?"), Bits(piece, "%\\;")), PathMarks.Of(piece));
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(62)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(127)]
    [InlineData(128)]
    public void A_path_of_several_pieces_is_as_one(int place)
    {
        string path = "/" + new string('a', 199);
        Assert.Equal((path, true), Of(path));
        Assert.Equal((path[..place], true), Of(path[..place] + "?" + path[place..] + "//..%?"));
        foreach (string odd in new[] { "%41", "\\", ";", "//", "/." })
        {
            string with = path.Insert(Math.Max(1, place), odd);
            Assert.Equal((with, false), Of(with));
        }

        // A dot within a segment is one.
        string dotted = path.Insert(Math.Max(2, place), ".");
        Assert.Equal((dotted, true), Of(dotted));
    }

    private static (string Path, bool IsPlain) Of(string target)
    {
        string path = Encoding.ASCII.GetString(RoutePath.Of(Encoding.ASCII.GetBytes(target), out bool isPlain));
        return (path, isPlain);
    }

    private static ulong Bits(byte[] piece, string of) =>
        piece.Select((one, i) => of.Contains((char)one, StringComparison.Ordinal) ? 1UL << i : 0).Aggregate(0UL, (all, bit) => all | bit);
}
