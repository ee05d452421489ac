using System.Net;

namespace Edge.BuiltInReplica;

// TO BE REPLACED AT THE MERGE: the data plane brings the real server. This one only lets the program compile.
internal static class ReplicaServer
{
    internal static int Run(IPEndPoint listen, string serverId, bool endWithStdin) =>
        throw new NotSupportedException($"{listen} {serverId} {endWithStdin}");
}
