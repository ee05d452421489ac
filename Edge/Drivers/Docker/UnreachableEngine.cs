using System.Net.Sockets;

namespace Edge.Drivers;

/// <summary>The message for an engine that cannot be reached: the reason, and what to do, in one line.</summary>
internal static class UnreachableEngine
{
    /// <param name="endpoint">unix:///path or tcp://host:port.</param>
    /// <param name="failed">How the call ended; a cancellation if there was no answer in time.</param>
    /// <param name="patience">How long the call waited for an answer.</param>
    internal static string WordsOf(Uri endpoint, Exception failed, TimeSpan patience)
    {
        string path = endpoint.LocalPath;
        SocketState socket = endpoint.Scheme != "unix" ? SocketState.None
            : StaleSocket.IsAt(path) ? SocketState.Stale
            : File.Exists(path) ? SocketState.There : SocketState.Missing;
        return WordsOf(endpoint, failed, patience, socket, isInContainer: SelfContainer.FindId() is not null);
    }

    /// <summary>The same, pure.</summary>
    internal static string WordsOf(Uri endpoint, Exception failed, TimeSpan patience, SocketState socket, bool isInContainer) =>
        $"the Docker engine at {endpoint} cannot be reached: {Why(endpoint, failed, patience, socket, isInContainer)}";

    private static string Why(Uri endpoint, Exception failed, TimeSpan patience, SocketState socket, bool isInContainer)
    {
        string path = endpoint.LocalPath;
        SocketError? error = ErrorOf(failed);
        return (socket, error) switch
        {
            (SocketState.Stale, _) =>
                $"the engine has restarted and made a new socket, while the file at {path} is still the old one; "
                + "restart this container, and mount the folder of the socket instead of the file",
            (not SocketState.None, SocketError.AccessDenied) when isInContainer =>
                $"no right to open {path}; give this container the group of that file "
                + "(group_add in a Compose file, --group-add of docker run; ls -ln shows its number)",
            (not SocketState.None, SocketError.AccessDenied) =>
                $"no right to open {path}; add the user that Edge runs as to the group of that file "
                + "(as root: usermod --append --groups docker USER), and start Edge anew",
            (SocketState.Missing, _) when isInContainer =>
                "there is no such socket in this container; mount the folder of the engine's socket, and name the socket by DOCKER_HOST",
            (SocketState.Missing, _) =>
                "there is no such socket; start the engine, or run Edge without one: --Edge:Fleet:Driver=process",
            (_, SocketError.ConnectionRefused) =>
                "nobody listens there; start the engine, or run Edge without one: --Edge:Fleet:Driver=process",
            _ when failed is OperationCanceledException =>
                $"no answer within {patience.TotalSeconds:0.###} s; see whether docker version answers, else restart the engine",
            _ when failed.GetBaseException() is IOException => "it ended the connection",
            _ => failed.GetBaseException().Message,
        };
    }

    private static SocketError? ErrorOf(Exception failed)
    {
        for (Exception? inner = failed; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
            {
                return socket.SocketErrorCode;
            }
        }

        return null;
    }
}
