using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Edge.Io;
using Edge.Tests.Io;

namespace Edge.Tests.Tls;

/// <summary>Connects .NET's own client of TLS to a loop that shakes hands as a frontend says.</summary>
/// <param name="loop">The loop.</param>
/// <param name="frontend">What the client gets to see.</param>
internal sealed class TlsDialler(TestLoop loop, TlsFrontend frontend)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    /// <summary>Shakes hands. The client's failure is null if it is done; a client of TLS 1.3 may be done before the server refuses it.</summary>
    internal async Task<(TlsEcho Server, SslStream Client, (TlsProgress Progress, TlsFailure Failure) Shaken)> DialAsync(SslClientAuthenticationOptions options)
    {
        var accepted = new TaskCompletionSource<TlsEcho>(TaskCreationOptions.RunContinuationsAsynchronously);
        Listener listener = await loop.ListenAsync(fd => accepted.SetResult(new TlsEcho(loop, fd, frontend)));
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, listener.Endpoint.Port));
        TlsEcho server = await accepted.Task.WaitAsync(s_patience);
        var client = new SslStream(new NetworkStream(socket, ownsSocket: true));
        options.RemoteCertificateValidationCallback = (_, _, _, _) => true;
        try
        {
            await client.AuthenticateAsClientAsync(options).WaitAsync(s_patience);
        }
        catch (Exception refused) when (refused is System.Security.Authentication.AuthenticationException or IOException)
        {
            // What the server says of it is the test's matter.
        }

        return (server, client, await server.Shaken.Task.WaitAsync(s_patience));
    }
}
