using System.Text;
using Edge.Http;
using static Edge.BuiltInReplica.WebSocketEcho;

namespace Edge.Tests.BuiltInReplica;

public class WebSocketEchoTests
{
    private const string Handshake =
        "GET /echo HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

    // RFC 6455 §1.3 has both sides of it.
    [Fact]
    public void The_handshake_of_the_specification_gets_its_answer() => Assert.Equal("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", Accepted(Handshake));

    [Theory]
    [InlineData("Upgrade: websocket", "Upgrade: h2c")]
    [InlineData("Version: 13", "Version: 8")]
    [InlineData("dGhlIHNhbXBsZSBub25jZQ==", "short")]
    public void What_is_no_handshake_gets_none(string was, string now) => Assert.Null(Accepted(Handshake.Replace(was, now)));

    // RFC 6455 §5.7: "Hello", masked, and the same without a mask.
    [Fact]
    public void A_masked_message_comes_back_without_its_mask()
    {
        (Outcome outcome, byte[] answer, int taken) = Answer([0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58]);
        Assert.Equal(Outcome.Frame, outcome);
        Assert.Equal([0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f], answer);
        Assert.Equal(11, taken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(4000)]
    [InlineData(PayloadBytesAtMost)]
    public void Every_length_comes_back_whole_and_no_part_of_it_too_early(int length)
    {
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 7))];
        byte[] frame = Frame(0x82, payload);
        for (int part = 0; part < frame.Length; part += part < 20 ? 1 : 997)
        {
            (Outcome partial, byte[] nothing, int none) = Answer(frame[..part]);
            Assert.Equal((Outcome.Partial, 0, 0), (partial, nothing.Length, none));
        }

        (Outcome outcome, byte[] answer, int taken) = Answer(frame);
        Assert.Equal((Outcome.Frame, frame.Length), (outcome, taken));
        byte[] head = length < 126 ? [0x82, (byte)length] : [0x82, 126, (byte)(length >> 8), (byte)length];
        Assert.Equal([.. head, .. payload], answer);
    }

    [Fact]
    public void A_ping_gets_its_pong_and_a_pong_gets_nothing()
    {
        Assert.Equal([0x8a, 0x02, 1, 2], Answer(Frame(0x89, [1, 2])).Answer);
        Assert.Empty(Answer(Frame(0x8a, [1, 2])).Answer);
    }

    [Fact]
    public void A_close_is_answered_with_the_same_and_is_the_last()
    {
        (Outcome outcome, byte[] answer, _) = Answer(Frame(0x88, [0x03, 0xe8]));
        Assert.Equal(Outcome.Last, outcome);
        Assert.Equal([0x88, 0x02, 0x03, 0xe8], answer);
    }

    public static TheoryData<byte[], int> Refused() => new()
    {
        { [0x81, 0x00], 1002 },
        { [0xc1, 0x80], 1002 },
        { [0x83, 0x80], 1002 },
        { [0x09, 0x80], 1002 },
        { [0x89, 0xfe], 1002 },
        { [0x82, 0xfe, 0x40, 0x01, 0, 0, 0, 0], 1009 },
        { [0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], 1009 },
        { [0x82, 0xff, 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0], 1009 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_breaks_the_rules_or_the_bound_is_the_last(byte[] frame, int code)
    {
        (Outcome outcome, byte[] answer, _) = Answer(frame);
        Assert.Equal(Outcome.Last, outcome);
        Assert.Equal([0x88, 0x02, (byte)(code >> 8), (byte)code], answer);
    }

    private static string? Accepted(string request)
    {
        byte[] data = Encoding.ASCII.GetBytes(request);
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseRequest(data, head));
        return Accept(data, head);
    }

    private static byte[] Frame(byte first, byte[] payload)
    {
        byte[] mask = [0x37, 0xfa, 0x21, 0x3d];
        byte[] length = payload.Length < 126 ? [(byte)(0x80 | payload.Length)] : [0xfe, (byte)(payload.Length >> 8), (byte)payload.Length];
        return [first, .. length, .. mask, .. payload.Select((b, i) => (byte)(b ^ mask[i & 3]))];
    }

    private static (Outcome Outcome, byte[] Answer, int Taken) Answer(byte[] sent)
    {
        Outcome outcome = Next([.. sent], out int taken, out ReadOnlySpan<byte> answer);
        return (outcome, answer.ToArray(), taken);
    }
}
