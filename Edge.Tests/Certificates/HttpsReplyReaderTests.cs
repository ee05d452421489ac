using System.Text;
using Edge.Certificates;
using Edge.Config;

namespace Edge.Tests.Certificates;

public sealed class HttpsReplyReaderTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and more", 200, "hello")]
    [InlineData("HTTP/1.0 404 \r\n\r\nto the end", 404, "to the end")]
    [InlineData("HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", 200, "")]
    [InlineData("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", 204, "")]
    [InlineData("HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201, "x")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\nA \r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n", 200, "abc0123456789")]
    public async Task An_answer_is_the_same_however_it_is_split(string text, int status, string body)
    {
        for (int split = 1; split <= text.Length; split++)
        {
            HttpsReply reply = await ReadAsync(text, split);
            Assert.Equal((status, body), (reply.Status, Encoding.Latin1.GetString(reply.Body)));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("HTTP/1.1 200")]
    [InlineData("HTTP/2 200\r\n\r\n")]
    [InlineData("HTTP/1.1 2000\r\n\r\n")]
    [InlineData("HTTP/1.1 099 x\r\n\r\n")]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nNoColon\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 9999999\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nhello")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n80000000\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n")]
    public async Task What_is_malformed_or_cut_is_no_answer(string text) =>
        await Assert.ThrowsAsync<IOException>(() => ReadAsync(text, 7));

    [Fact]
    public async Task What_is_too_large_is_no_answer()
    {
        string many = string.Concat(Enumerable.Range(0, Limits.HeaderFields + 1).Select(i => $"F{i}: x\r\n"));
        string large = new('x', Limits.AcmeAnswerBytes + 1);
        string chunks = string.Concat(Enumerable.Repeat($"100000\r\n{new string('x', 0x100000)}\r\n", 2));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync($"HTTP/1.1 200 OK\r\n{many}\r\n", 8000));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync($"HTTP/1.1 200 OK\r\nLong: {new string('x', 2 * Limits.AcmeLineBytes)}\r\n\r\n", 8000));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync($"HTTP/1.1 200 OK\r\n\r\n{large}", 8000));
        await Assert.ThrowsAsync<IOException>(() => ReadAsync($"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}", 8000));
    }

    private static Task<HttpsReply> ReadAsync(string text, int piece) =>
        new HttpsReplyReader(new Pieces(Encoding.Latin1.GetBytes(text), piece)).ReadAsync(hasNoBody: false, TestContext.Current.CancellationToken);

    // Hands out so many bytes at a time.
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
