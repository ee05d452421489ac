using System.Net.Sockets;

namespace Edge.Tests.Proxy;

/// <summary>What a replica sends before its request has left.</summary>
public sealed class EarlyAnswerTests
{
    /// <summary>A server may answer each connection before it has read a request. It gets the request all the same.</summary>
    [Fact]
    public void A_request_is_sent_before_the_answer_to_it_is_read()
    {
        using var proxy = new HandTurnedProxy();
        Socket client = proxy.Ask("/first");
        Socket upstream = proxy.Accept();
        upstream.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8);
        Assert.EndsWith("\r\n\r\nok", proxy.Receive(client), StringComparison.Ordinal);
        Assert.StartsWith("GET /first ", proxy.Receive(upstream), StringComparison.Ordinal);
    }

    /// <summary>It may be a 408 for having asked nothing, or the answer to what another client has asked.</summary>
    [Fact]
    public void Bytes_on_a_pooled_connection_before_the_request_was_sent_are_no_answer()
    {
        using var proxy = new HandTurnedProxy();
        (Socket client, Socket upstream) = Used(proxy);
        Assert.SkipUnless(proxy.Loop.SendBatch.IsOpen, "no io_uring here: a request leaves before anybody can have looked");

        // One turn has both, in this order.
        HandTurnedProxy.Ask(client, "/second");
        upstream.Send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"u8);
        Socket other = proxy.Accept();
        Assert.StartsWith("GET /second ", proxy.Receive(other), StringComparison.Ordinal);
        other.Send("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8);
        Assert.StartsWith("HTTP/1.1 200 ", proxy.Receive(client), StringComparison.Ordinal);
    }

    /// <summary>A server that answers while it reads, as one that echoes, does so while the next piece of the body is on its way to it.</summary>
    [Fact]
    public void An_answer_may_come_before_all_of_the_body_has_left()
    {
        using var proxy = new HandTurnedProxy();
        (Socket client, Socket upstream) = Used(proxy);
        client.Send("POST /second HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab"u8);
        Assert.EndsWith("ab", proxy.Receive(upstream), StringComparison.Ordinal);

        // One turn has both, in this order.
        client.Send("cd"u8);
        upstream.Send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab"u8);
        Assert.EndsWith("\r\n\r\nab", proxy.Receive(client), StringComparison.Ordinal);
        Assert.Equal("cd", proxy.Receive(upstream));
        upstream.Send("cd"u8);
        Assert.Equal("cd", proxy.Receive(client));
    }

    /// <summary>The end of a body waits for the end of the turn, and the answer is there before that.</summary>
    [Fact]
    public void The_end_of_a_body_leaves_although_the_answer_is_whole()
    {
        using var proxy = new HandTurnedProxy();
        (Socket client, Socket upstream) = Used(proxy);
        client.Send("POST /second HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab"u8);
        Assert.EndsWith("ab", proxy.Receive(upstream), StringComparison.Ordinal);

        // One turn has both, in this order.
        client.Send("cd"u8);
        upstream.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"u8);
        Assert.EndsWith("\r\n\r\nok", proxy.Receive(client), StringComparison.Ordinal);
        Assert.Equal("cd", proxy.Receive(upstream));

        // It was no reason to close: the next request comes on the same connection.
        HandTurnedProxy.Ask(client, "/third");
        Assert.StartsWith("GET /third ", proxy.Receive(upstream), StringComparison.Ordinal);
    }

    // A client, and a connection to the replica that has carried its first request.
    private static (Socket Client, Socket Upstream) Used(HandTurnedProxy proxy)
    {
        Socket client = proxy.Ask("/first");
        Socket upstream = proxy.Accept();
        proxy.Answer(upstream);
        proxy.Receive(client);
        return (client, upstream);
    }
}
