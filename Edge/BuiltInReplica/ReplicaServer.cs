using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using Edge.Config;
using Edge.Http;
using Edge.Io;

namespace Edge.BuiltInReplica;

/// <summary>
/// The replica that comes with the balancer, so that the system runs with nothing else installed: a small HTTP server on the same event loop. GET
/// /home greets with its number, GET /heartbeat says that it works.
/// </summary>
internal sealed class ReplicaServer : EventLoop
{
    private ReplicaServer(string serverId, string image) : base("edge-replica")
    {
        Version = VersionOf(image);
        JsonFields = image.Length == 0 ? s_json : [.. s_json, new("X-Replica-Image", image)];
        Greeting = Encoding.UTF8.GetBytes($"{{\"message\": \"Hello from Server: {serverId}\", \"status\": \"successful\"}}");
    }

    private static readonly KeyValuePair<string, string>[] s_json = [new("Content-Type", "application/json")];

    internal ReadArea ReadArea { get; } = new(headRoom: 0, Limits.HeadBytes + Limits.ReceiveBytes);

    internal Head Head { get; } = new();

    internal byte[] Scratch { get; } = GC.AllocateUninitializedArray<byte>(1024, pinned: true);

    internal byte[] Greeting { get; }

    /// <summary>How it answers.</summary>
    internal ReplicaVersion Version { get; }

    /// <summary>The fields of answers with a body; the image is among them if it is known.</summary>
    internal KeyValuePair<string, string>[] JsonFields { get; }

    private static ReplicaVersion VersionOf(string image)
    {
        string tag = image[(image.IndexOf(':', StringComparison.Ordinal) + 1)..];
        return Array.Find(
            [ReplicaVersion.Failing, ReplicaVersion.Hanging, ReplicaVersion.Crashing],
            version => tag.StartsWith(version.ToString(), StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Serves until the process, or its standard input, ends.</summary>
    /// <param name="listen">Port 0 takes a free one; the one taken is printed as the line "listening ADDRESS".</param>
    /// <param name="serverId">The name that it greets with.</param>
    /// <param name="image">The image that it was made of, if there are several; empty if not.</param>
    /// <param name="endWithStdin">
    /// Whether it ends when standard input ends. The parent holds the other end of that pipe, so its children end with it, however it ends.
    /// </param>
    /// <returns>The exit code.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be used.</exception>
    internal static int Run(IPEndPoint listen, string serverId, string image, bool endWithStdin)
    {
        using var loop = new ReplicaServer(serverId, image);
        // Ctrl-C in a terminal reaches the whole process group, and a service manager's signal reaches the whole service. The balancer drains first,
        // and ends its replicas itself.
        using PosixSignalRegistration? interrupt = endWithStdin
            ? PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true) : null;
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            if (!endWithStdin)
            {
                loop.Post(loop.Stop);
            }
        });
        var listener = new Listener(loop, listen, (fd, _) => new ReplicaConnection(loop).Open(fd));
        listener.Open();
        if (endWithStdin)
        {
            loop.Register(new StandardInput(loop.Stop), Libc.EPOLLIN);
        }

        Console.WriteLine($"listening {listener.Endpoint}");
        loop.Run();
        return 0;
    }
}
