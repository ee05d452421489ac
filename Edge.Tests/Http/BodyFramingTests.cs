using System.Text;
using Edge.Http;

namespace Edge.Tests.Http;

public class BodyFramingTests
{
    [Theory]
    [InlineData("GET / HTTP/1.1", "", BodyKind.None, 0)]
    [InlineData("POST / HTTP/1.1", "", BodyKind.None, 0)]
    [InlineData("GET / HTTP/1.0", "", BodyKind.None, 0)]
    [InlineData("POST / HTTP/1.1", "Content-Length: 0", BodyKind.None, 0)]
    [InlineData("POST / HTTP/1.0", "Content-Length: 0", BodyKind.None, 0)]
    [InlineData("POST / HTTP/1.1", "content-length:5", BodyKind.Length, 5)]
    [InlineData("GET / HTTP/1.1", "Content-Length: 007", BodyKind.Length, 7)]
    [InlineData("POST / HTTP/1.1", "Content-Length: 999999999999999999", BodyKind.Length, 999999999999999999)]
    [InlineData("POST / HTTP/1.1", "Transfer-Encoding: chunked", BodyKind.Chunked, 0)]
    [InlineData("POST / HTTP/1.1", "transfer-encoding: \tCHUNKED ", BodyKind.Chunked, 0)]
    public void A_sound_request_has_one_framing(string line, string field, object kind, long bytes)
    {
        Assert.Equal(MessageError.None, OfRequest(line, field, out BodyFraming framing));
        Assert.Equal(new BodyFraming((BodyKind)kind, bytes), framing);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nContent-Length: 5", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: 5\r\nContent-Length: 6", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: 5, 5", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: +5", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: -5", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: 5 5", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: 0x5", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: 5.0", MessageError.MalformedContentLength)]
    [InlineData("Content-Length:", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: 9223372036854775808", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: 18446744073709551621", MessageError.MalformedContentLength)]
    [InlineData("Content-Length: 0\r\nTransfer-Encoding: chunked", MessageError.LengthAndTransferEncoding)]
    [InlineData("Transfer-Encoding: chunked\r\nContent-Length: 5", MessageError.LengthAndTransferEncoding)]
    [InlineData("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding: chunked, chunked", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding: chunked, gzip", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding: identity", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding: xchunked", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding: chunked;q=1", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding: \"chunked\"", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding: , chunked", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding:", MessageError.MalformedTransferEncoding)]
    [InlineData("Transfer-Encoding: gzip, chunked", MessageError.UnsupportedTransferEncoding)]
    public void What_two_readers_could_take_differently_is_refused(string fields, object refusal)
    {
        Assert.Equal(refusal, OfRequest("POST / HTTP/1.1", fields, out _));
        Assert.Equal(refusal, OfResponse("HTTP/1.1 200 OK", fields, Method.Get, out _));
    }

    [Fact]
    public void HTTP_1_0_has_no_transfer_codings_and_needs_a_length()
    {
        Assert.Equal(MessageError.TransferEncodingInHttp10, OfRequest("POST / HTTP/1.0", "Transfer-Encoding: chunked", out _));
        Assert.Equal(MessageError.TransferEncodingInHttp10, OfResponse("HTTP/1.0 200 OK", "Transfer-Encoding: chunked", Method.Get, out _));
        Assert.Equal(MessageError.LengthRequired, OfRequest("POST / HTTP/1.0", "", out _));
        Assert.Equal(MessageError.LengthRequired, OfRequest("PUT / HTTP/1.0", "", out _));
    }

    [Theory]
    [InlineData(200, Method.Get, "", BodyKind.UntilClose, 0)]
    [InlineData(200, Method.Get, "Content-Length: 0", BodyKind.None, 0)]
    [InlineData(200, Method.Get, "Content-Length: 9", BodyKind.Length, 9)]
    [InlineData(200, Method.Get, "Transfer-Encoding: chunked", BodyKind.Chunked, 0)]
    [InlineData(200, Method.Head, "", BodyKind.None, 0)]
    [InlineData(200, Method.Head, "Content-Length: 9", BodyKind.None, 0)]
    [InlineData(200, Method.Head, "Transfer-Encoding: chunked", BodyKind.None, 0)]
    [InlineData(100, Method.Post, "Content-Length: 9", BodyKind.None, 0)]
    [InlineData(204, Method.Get, "", BodyKind.None, 0)]
    [InlineData(204, Method.Get, "Content-Length: 9", BodyKind.None, 0)]
    [InlineData(304, Method.Get, "Content-Length: 9", BodyKind.None, 0)]
    [InlineData(404, Method.Other, "", BodyKind.UntilClose, 0)]
    public void A_response_is_framed_by_its_status_and_by_what_was_asked(int status, object method, string field, object kind, long bytes)
    {
        Assert.Equal(MessageError.None, OfResponse($"HTTP/1.1 {status} X", field, (Method)method, out BodyFraming framing));
        Assert.Equal(new BodyFraming((BodyKind)kind, bytes), framing);
    }

    private static MessageError OfRequest(string line, string fields, out BodyFraming framing)
    {
        byte[] bytes = Bytes(line, fields);
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseRequest(bytes, head));
        return BodyFraming.OfRequest(bytes, head, out framing);
    }

    private static MessageError OfResponse(string line, string fields, Method method, out BodyFraming framing)
    {
        byte[] bytes = Bytes(line, fields);
        var head = new Head();
        Assert.Equal(ParseResult.Complete, HeadParser.ParseResponse(bytes, head));
        return BodyFraming.OfResponse(bytes, head, method, out framing);
    }

    private static byte[] Bytes(string line, string fields) =>
        Encoding.ASCII.GetBytes(line + "\r\n" + (fields.Length == 0 ? "" : fields + "\r\n") + "\r\n");
}
