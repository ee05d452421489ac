namespace Edge.Config;

/// <summary>
/// The bounds of everything that could grow, units last in the names. Debug builds shrink what a boundary can hide
/// behind (what one read takes, what the kernel buffers), so that ordinary tests meet partial reads and writes.
/// </summary>
internal static class Limits
{
#if DEBUG
    /// <summary>What one read takes from a socket at most.</summary>
    internal const int ReceiveBytes = 1021;

    /// <summary>What one read takes while a response's head is awaited: what comes with it of a large body is copied, the rest may not be.</summary>
    internal const int HeadReceiveBytes = 509;

    /// <summary>SO_SNDBUF of every socket, 0 for the kernel's own; the kernel doubles it and has a minimum of about 4.6 KB.</summary>
    internal const int SendBufferBytes = 4608;

    /// <summary>A body whose rest is at least this long is moved inside the kernel (splice) and not read at all.</summary>
    internal const int SpliceFromBytes = 16 * 1024;

    /// <summary>Events taken from the kernel in one wait.</summary>
    internal const int EventsPerWait = 3;

    /// <summary>Rounds of read and write that one body may have before the loop turns to the others.</summary>
    internal const int RelayRounds = 2;

    /// <summary>Idle connections that a loop keeps for one replica.</summary>
    internal const int PooledPerReplica = 4;

    /// <summary>Lines of the access log of one loop that wait to be written.</summary>
    internal const int AccessRingBytes = 64 * 1024;

    /// <summary>Events of an engine that wait to be looked at.</summary>
    internal const int EngineEvents = 64;
#else
    /// <summary>What one read takes from a socket at most.</summary>
    internal const int ReceiveBytes = 64 * 1024;

    /// <summary>What one read takes while a response's head is awaited: what comes with it of a large body is copied, the rest may not be.</summary>
    internal const int HeadReceiveBytes = 16 * 1024;

    /// <summary>SO_SNDBUF of every socket, 0 for the kernel's own; the kernel doubles it and has a minimum of about 4.6 KB.</summary>
    internal const int SendBufferBytes = 0;

    /// <summary>A body whose rest is at least this long is moved inside the kernel (splice) and not read at all.</summary>
    internal const int SpliceFromBytes = 128 * 1024;

    /// <summary>Events taken from the kernel in one wait.</summary>
    internal const int EventsPerWait = 256;

    /// <summary>Rounds of read and write that one body may have before the loop turns to the others.</summary>
    internal const int RelayRounds = 16;

    /// <summary>Idle connections that a loop keeps for one replica.</summary>
    internal const int PooledPerReplica = 1024;

    /// <summary>Lines of the access log of one loop that wait to be written.</summary>
    internal const int AccessRingBytes = 1024 * 1024;

    /// <summary>Events of an engine that wait to be looked at.</summary>
    internal const int EngineEvents = 8192;
#endif

    /// <summary>What is worth copying in order to send it with others.</summary>
    internal const int PostedBytes = 16 * 1024;

    /// <summary>A head as it arrives: start line and header fields. Of requests, options may allow less.</summary>
    internal const int HeadBytes = 32 * 1024;

    /// <summary>Room that rewriting may add to a head: X-Forwarded-*, Via, Date, X-Edge-Replica and the like.</summary>
    internal const int HeadGrowthBytes = 2048;

    internal const int HeaderFields = 128;

    internal const int MethodBytes = 32;

    internal const int TargetBytes = 16 * 1024;

    /// <summary>The header of the PROXY protocol, with what a proxy may add to it; as much as nginx takes.</summary>
    internal const int ProxyHeaderBytes = 4096;

    /// <summary>A host name with its port.</summary>
    internal const int HostBytes = 300;

    /// <summary>Size line of one chunk, its extensions included.</summary>
    internal const int ChunkLineBytes = 256;

    /// <summary>Chunk extensions of one message beyond the length of its content.</summary>
    internal const int ChunkExtensionBytes = 16 * 1024;

    /// <summary>The trailer section of one message.</summary>
    internal const int TrailerBytes = 8 * 1024;

    /// <summary>The body of a call of the REST contract.</summary>
    internal const int ControlBodyBytes = 64 * 1024;

    /// <summary>The token of the REST contract, in UTF-8.</summary>
    internal const int TokenBytes = 512;

    /// <summary>A file with the environment of new containers (Edge:Docker:EnvFile).</summary>
    internal const int EnvFileBytes = 1024 * 1024;

    /// <summary>Addresses whose wrong tokens are counted each on its own.</summary>
    internal const int AttemptAddresses = 1024;

    /// <summary>Wrong tokens that one address may send at once.</summary>
    internal const int AttemptsInARow = 10;

    /// <summary>How long it takes until an address may send one more.</summary>
    internal const int AttemptPauseSeconds = 6;

    /// <summary>Lines that the log gets at once about calls that are not let in.</summary>
    internal const int RefusalLinesInARow = 20;

    /// <summary>How long it takes until there may be one more.</summary>
    internal const int RefusalLinePauseSeconds = 1;

    /// <summary>What waits for standard output and standard error at a time, mostly lines of the log.</summary>
    internal const int OutputPieces = 1024;

    /// <summary>Of a path in the log.</summary>
    internal const int LoggedPathChars = 200;

    /// <summary>The body of the balancer's own responses.</summary>
    internal const int OwnBodyBytes = 2 * 1024 * 1024;

    /// <summary>What goes out at one time of a body of the balancer's own that has no known end.</summary>
    internal const int OwnPieceBytes = 16 * 1024;

    /// <summary>Events that are kept for those who listen at /edge/events, and for those who come back.</summary>
    internal const int EventsKept = 1024;

    /// <summary>One of them as it is sent; a longer one is sent without its words.</summary>
    internal const int EventBytes = 4 * 1024;

    /// <summary>Clients that listen at /edge/events at one time.</summary>
    internal const int EventListeners = 64;

    /// <summary>Protocols that one request may offer in Upgrade.</summary>
    internal const int UpgradeProtocols = 16;

    /// <summary>How long no replica of the balancer's own is asked when one has refused a connection and no other is sound: they have died, and are started again soon.</summary>
    internal const int HoldMilliseconds = 100;

    /// <summary>Within which time attempts that all end met one event, as the end of all replicas at once: until then there are pauses, and no failure.</summary>
    internal const int BurstMilliseconds = 1000;

    /// <summary>Within which time the end of a connection from the pool tells of what was before its use, and not of the request: one segment may be lost.</summary>
    internal const int StaleMilliseconds = 1000;

    /// <summary>Of a part of a path that may be a word of a route; a longer one is taken for an id.</summary>
    internal const int RouteWordBytes = 24;

    /// <summary>How long an attempt that failed keeps its place in its replica's load: one that fails fast would seem to have nothing to do.</summary>
    internal const int FailedPlaceMilliseconds = 1000;

    /// <summary>Places of attempts that failed, in one loop; the oldest gives way to one more.</summary>
    internal const int FailurePenalties = 64 * 1024;

    /// <summary>Replicas of which the one with least to do is picked; of more, two are drawn.</summary>
    internal const int ComparedReplicas = 16;

    /// <summary>How long a replica may take to close a connection behind its last response, until that is done here.</summary>
    internal const int ReplicaClosesMilliseconds = 100;

    /// <summary>How long after it is looked again at a body that comes too slowly, but need not come faster while there is room.</summary>
    internal const int PaceLookMilliseconds = 1000;

    /// <summary>Connections accepted before the loop turns to those it has.</summary>
    internal const int AcceptsPerTurn = 64;

    /// <summary>Pending connections of a listening socket; the kernel caps it at net.core.somaxconn.</summary>
    internal const int ListenBacklog = 4096;

    /// <summary>
    /// What is read and thrown away, so that a client gets to read why it is refused, before the connection is cut: more than
    /// one on the same machine sends before it sees the answer.
    /// </summary>
    internal const int LingerBytes = 32 * 1024 * 1024;

    internal const int LingerMilliseconds = 2000;

    /// <summary>How long clients whose requests are cut when the balancer ends may take to read that.</summary>
    internal const int PartingMilliseconds = 1000;

    /// <summary>How often it is looked whether a client has taken all of an answer that is to end with a reset: the kernel does not tell.</summary>
    internal const int TakenPollMilliseconds = 50;

    /// <summary>How long a client that has just connected may take to send its request when the balancer ends.</summary>
    internal const int NewcomerMilliseconds = 1000;

    /// <summary>Replicas of a fleet, healthy or not.</summary>
    internal const int Replicas = 1024;

    internal const int WeightAtMost = 256;

    /// <summary>Event loops of a process.</summary>
    internal const int Loops = 256;
}
