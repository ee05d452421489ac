using System.Text;
using System.Text.Json;
using Edge.Config;
using Edge.Telemetry;

namespace Edge.Tests.Telemetry;

public sealed class AccessLineTests
{
    private static readonly LogTime s_time = At(new DateTime(2030, 1, 2, 3, 4, 5, 67, DateTimeKind.Utc));

    [Fact]
    public void A_line_of_JSON_has_every_field()
    {
        AccessTexts texts = Texts("/a?b=c"u8, "curl/8"u8);
        texts.RequestId = "r1"u8;
        texts.TraceId = "0123"u8;
        AccessRecord record = Record();
        record.Replica = "server_1"u8;
        Assert.Equal(
            """{"time":"2030-01-02T03:04:05.067Z","client":"10.0.0.1","method":"GET","host":"h","target":"/a?b=c","status":200"""
            + ""","reason":"","replica":"server_1","attempts":2,"duration_ms":12.345,"queue_ms":0,"connect_ms":1,"response_ms":0.007"""
            + ""","bytes_in":10,"bytes_out":20,"request_id":"r1","trace_id":"0123","user_agent":"curl/8"}""" + "\n",
            Write(AccessLogFormat.Json, texts, record));
    }

    [Fact]
    public void A_line_of_JSON_tells_the_TLS_of_the_client_where_there_is_some()
    {
        AccessTexts texts = Texts("/"u8, "curl/8"u8);
        texts.TlsVersion = "1.3"u8;
        texts.TlsSuite = "TLS_AES_128_GCM_SHA256"u8;
        texts.TlsName = "a\"b.test"u8;
        texts.IsTlsResumed = true;
        using JsonDocument line = JsonDocument.Parse(Write(AccessLogFormat.Json, texts, Record()));
        JsonElement tls = line.RootElement.GetProperty("tls");
        Assert.Equal("1.3 TLS_AES_128_GCM_SHA256 a\"b.test", $"{tls.GetProperty("version")} {tls.GetProperty("suite")} {tls.GetProperty("sni")}");
        Assert.True(tls.GetProperty("resumed").GetBoolean());
        using JsonDocument plain = JsonDocument.Parse(Write(AccessLogFormat.Json, Texts("/"u8, "curl/8"u8), Record()));
        Assert.False(plain.RootElement.TryGetProperty("tls", out JsonElement _));
    }

    [Fact]
    public void A_line_names_the_service_that_the_request_was_for_and_the_default_one_has_no_name()
    {
        AccessRecord record = Record();
        record.Service = "shop"u8;
        using JsonDocument line = JsonDocument.Parse(Write(AccessLogFormat.Json, Texts("/"u8, "curl/8"u8), record));
        Assert.Equal("shop", line.RootElement.GetProperty("service").GetString());
        Assert.EndsWith("\"-\" \"curl/8\" \"shop\"\n", Write(AccessLogFormat.Combined, Texts("/"u8, "curl/8"u8), record), StringComparison.Ordinal);
        using JsonDocument plain = JsonDocument.Parse(Write(AccessLogFormat.Json, Texts("/"u8, "curl/8"u8), Record()));
        Assert.False(plain.RootElement.TryGetProperty("service", out JsonElement _));
    }

    [Fact]
    public void What_is_not_known_is_null_or_empty()
    {
        using JsonDocument line = JsonDocument.Parse(
            Write(AccessLogFormat.Json, default, new AccessRecord { Responding = -1, Reason = Reason.MalformedRequest }));
        Assert.Equal(JsonValueKind.Null, line.RootElement.GetProperty("replica").ValueKind);
        Assert.Equal(JsonValueKind.Null, line.RootElement.GetProperty("response_ms").ValueKind);
        Assert.Equal("", line.RootElement.GetProperty("method").GetString());
        Assert.Equal(0, line.RootElement.GetProperty("status").GetInt32());
        Assert.Equal("malformed_request", line.RootElement.GetProperty("reason").GetString());
    }

    [Fact]
    public void A_combined_line_is_as_other_programs_read_it()
    {
        AccessTexts texts = Texts("/a"u8, "Mozilla/5.0 (X11)"u8);
        texts.Referer = "http://r/"u8;
        Assert.Equal(
            "10.0.0.1 - - [02/Jan/2030:03:04:05 +0000] \"GET /a HTTP/1.1\" 200 20 \"http://r/\" \"Mozilla/5.0 (X11)\"\n",
            Write(AccessLogFormat.Combined, texts, Record()));
        Assert.Equal(" - - [02/Jan/2030:03:04:05 +0000] \"-\" 0 0 \"-\" \"-\"\n", Write(AccessLogFormat.Combined, default, default));
    }

    [Fact]
    public void Whatever_a_client_sends_is_one_line_and_reads_back_as_it_was()
    {
        byte[] hostile = [.. Enumerable.Range(0, 256).Select(i => (byte)i)];
        string json = Write(AccessLogFormat.Json, Texts(hostile, "\"}\n{\"status\":200,\"x\":\""u8), Record());
        Assert.Equal(json.Length - 1, json.IndexOf('\n', StringComparison.Ordinal));
        Assert.DoesNotContain(json[..^1], c => c is < ' ' or > '~');
        using JsonDocument line = JsonDocument.Parse(json);
        Assert.Equal(Encoding.Latin1.GetString(hostile), line.RootElement.GetProperty("target").GetString());
        Assert.Equal("\"}\n{\"status\":200,\"x\":\"", line.RootElement.GetProperty("user_agent").GetString());

        string combined = Write(AccessLogFormat.Combined, Texts(hostile, "\" 200 0 \"-\" \"\n"u8), Record());
        Assert.Equal(combined.Length - 1, combined.IndexOf('\n', StringComparison.Ordinal));
        Assert.Equal(6, combined.Count(c => c == '"'));
        Assert.Contains("\\x22 200 0 \\x22-\\x22 \\x22\\x0a\"\n", combined, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_line_fits()
    {
        var longest = new byte[AccessLine.TargetBytes + 1];
        AccessTexts texts = Texts(longest, longest);
        texts.Method = longest.AsSpan(0, Edge.Config.Limits.MethodBytes);
        texts.TraceId = longest.AsSpan(0, 32);
        texts.Host = texts.RequestId = texts.Referer = texts.UserAgent;
        AccessRecord record = Record();
        record.Duration = record.Queued = record.Connecting = record.Responding = record.BytesReceived = record.BytesSent = long.MaxValue;
        record.Replica = longest.AsSpan(0, 63);
        record.Reason = Reason.ResponseHeadTimeout;
        foreach (AccessLogFormat format in new[] { AccessLogFormat.Json, AccessLogFormat.Combined })
        {
            string line = Write(format, texts, record);
            Assert.EndsWith("\n", line, StringComparison.Ordinal);
            string escape = format == AccessLogFormat.Json ? "\\u0000" : "\\x00";
            int cut = AccessLine.TargetBytes + (format == AccessLogFormat.Json ? 3 : 2) * AccessLine.TextBytes;
            Assert.Equal(cut, line.Split(escape).Length - 1);
        }
    }

    private static AccessTexts Texts(ReadOnlySpan<byte> target, ReadOnlySpan<byte> userAgent) => new()
    {
        Method = "GET"u8,
        Host = "h"u8,
        Target = target,
        UserAgent = userAgent,
        MinorVersion = 1,
    };

    private static AccessRecord Record() => new()
    {
        Client = "10.0.0.1"u8,
        Status = 200,
        BytesReceived = 10,
        BytesSent = 20,
        Attempts = 2,
        Duration = 12_345_678,
        Connecting = 1_000_000,
        Responding = 7_999,
    };

    private static LogTime At(DateTime utc)
    {
        var time = new LogTime();
        time.Set(utc);
        return time;
    }

    /// <summary>A line in both its steps, at a time of 2030.</summary>
    internal static string Write(AccessLogFormat format, in AccessTexts texts, AccessRecord record)
    {
        var begun = new byte[AccessLine.BytesToBegin(texts)];
        (int before, int behind) = AccessLine.Begin(begun, format, texts);
        record.Time = s_time;
        record.Before = begun.AsSpan(0, before);
        record.Behind = begun.AsSpan(before, behind);
        var line = new byte[AccessLine.BytesAtMost];
        return Encoding.UTF8.GetString(line, 0, AccessLine.Write(line, format, record));
    }
}
