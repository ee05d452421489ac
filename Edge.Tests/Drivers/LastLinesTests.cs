using System.Text;
using Edge.Drivers;

namespace Edge.Tests.Drivers;

public class LastLinesTests
{
    [Fact]
    public void Frames_of_both_streams_are_put_together_and_a_terminal_has_none()
    {
        byte[] framed = [.. Frame(1, "one\ntw"), .. Frame(2, "o\n"), .. Frame(1, "three\n\n")];
        Assert.Equal(["one", "two", "three"], LastLines.Read(framed, 50));
        Assert.Equal(["two", "three"], LastLines.Read(framed, 2));
        Assert.Equal(["one", "\u001b[31mtwo".Replace('\u001b', ' ')], LastLines.Read("one\r\n\u001b[31mtwo\r\n"u8, 50));
        Assert.Empty(LastLines.Read([], 50));
    }

    [Fact]
    public void A_frame_that_is_cut_and_a_line_without_end_are_shown_as_far_as_they_are_there()
    {
        byte[] framed = Frame(2, new string('x', 3000));
        Assert.Equal([new string('x', LastLines.LineChars)], LastLines.Read(framed.AsSpan(0, 2000), 50));
        Assert.Equal([new string('x', 92)], LastLines.Read(framed.AsSpan(0, 100), 50));
    }

    private static byte[] Frame(byte stream, string text) =>
        [stream, 0, 0, 0, 0, 0, (byte)(text.Length >> 8), (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];
}
