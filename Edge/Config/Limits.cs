namespace Edge.Config;

/// <summary>
/// The bounds of everything that can grow, with the unit at the end of each name. Debug builds make some of them small (the bytes of one read, the
/// kernel's buffers), so that ordinary tests meet partial reads and writes.
/// </summary>
internal static class Limits
{
#if DEBUG
    /// <summary>The most that one read takes from a socket.</summary>
    internal const int ReceiveBytes = 1021;

    /// <summary>
    /// The most that one read takes while a response's head is awaited. Body bytes that come with the head are copied; the rest of a large body need
    /// not be.
    /// </summary>
    internal const int HeadReceiveBytes = 509;

    /// <summary>SO_SNDBUF of every socket, 0 for the kernel's own; the kernel doubles it and has a minimum of about 4.6 KB.</summary>
    internal const int SendBufferBytes = 4608;

    /// <summary>A body whose rest is at least this long is moved inside the kernel (splice) and not read at all.</summary>
    internal const int SpliceFromBytes = 16 * 1024;

    /// <summary>The most events that one wait returns.</summary>
    internal const int EventsPerWait = 3;

    /// <summary>Rounds of reading and writing for one body before the loop handles other connections.</summary>
    internal const int RelayRounds = 2;

    /// <summary>Idle connections that a loop keeps for one replica.</summary>
    internal const int PooledPerReplica = 4;

    /// <summary>Lines of the access log of one loop that wait to be written.</summary>
    internal const int AccessRingBytes = 64 * 1024;

    /// <summary>Events of an engine that wait to be looked at.</summary>
    internal const int EngineEvents = 64;
#else
    /// <summary>The most that one read takes from a socket.</summary>
    internal const int ReceiveBytes = 64 * 1024;

    /// <summary>
    /// The most that one read takes while a response's head is awaited. Body bytes that come with the head are copied; the rest of a large body need
    /// not be.
    /// </summary>
    internal const int HeadReceiveBytes = 16 * 1024;

    /// <summary>SO_SNDBUF of every socket, 0 for the kernel's own; the kernel doubles it and has a minimum of about 4.6 KB.</summary>
    internal const int SendBufferBytes = 0;

    /// <summary>A body whose rest is at least this long is moved inside the kernel (splice) and not read at all.</summary>
    internal const int SpliceFromBytes = 128 * 1024;

    /// <summary>The most events that one wait returns.</summary>
    internal const int EventsPerWait = 256;

    /// <summary>Rounds of reading and writing for one body before the loop handles other connections.</summary>
    internal const int RelayRounds = 16;

    /// <summary>Idle connections that a loop keeps for one replica.</summary>
    internal const int PooledPerReplica = 1024;

    /// <summary>Lines of the access log of one loop that wait to be written.</summary>
    internal const int AccessRingBytes = 1024 * 1024;

    /// <summary>Events of an engine that wait to be looked at.</summary>
    internal const int EngineEvents = 8192;
#endif

    /// <summary>Steps of TLS handshakes that a loop takes before it handles other connections; one costs up to 0.5 ms.</summary>
    internal const int HandshakeStepsPerTurn = 1;

    /// <summary>The most bytes that are copied in order to send them together with others.</summary>
    internal const int PostedBytes = 16 * 1024;

    /// <summary>Records that TLS sends by itself, as answers to changes of keys, while the peer takes nothing; with more the connection is cut.</summary>
    internal const int TlsAnswerBytes = 16 * 1024;

    /// <summary>A head: start line and header fields. For requests, options may allow less.</summary>
    internal const int HeadBytes = 32 * 1024;

    /// <summary>The longest subject of a client's certificate, in bytes: it goes into a field of each of its requests.</summary>
    internal const int ClientSubjectBytes = 1024;

    /// <summary>What writing a head anew may add to it: X-Forwarded-*, Via, Date, X-Edge-Replica and the like.</summary>
    internal const int HeadGrowthBytes = 2048 + ClientSubjectBytes + FixedFieldBytes;

    /// <summary>After how many seconds a client may ask a service again that is stopped (Retry-After).</summary>
    internal const int StoppedRetrySeconds = 30;

    /// <summary>Paths of one service that have moved.</summary>
    internal const int Redirects = 256;

    /// <summary>Cookies of sticky sessions that are looked at in one request.</summary>
    internal const int StickyCookies = 4;

    /// <summary>The page of a service in the place of errors.</summary>
    internal const int ErrorPageBytes = 64 * 1024;

    /// <summary>The lines of all fields that options add to the answers of one service.</summary>
    internal const int FixedFieldBytes = 4096;

    internal const int HeaderFields = 128;

    internal const int MethodBytes = 32;

    internal const int TargetBytes = 16 * 1024;

    /// <summary>The header of the PROXY protocol with its additional fields; the same as in nginx.</summary>
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

    /// <summary>The body of an answer of a certificate authority; a chain of certificates is a few thousand bytes.</summary>
    internal const int AcmeAnswerBytes = 1024 * 1024;

    /// <summary>The head of such an answer, in whole KB.</summary>
    internal const int AcmeHeadBytes = 64 * 1024;

    /// <summary>How many challenges of other processes are answered, and the bytes of the file of one.</summary>
    internal const int AcmeChallenges = 64;

    /// <inheritdoc cref="AcmeChallenges"/>
    internal const int AcmeChallengeBytes = 4096;

    /// <summary>How often a process looks for them.</summary>
    internal const int AcmeLookMilliseconds = 1000;

    /// <summary>How often a message is sent with another nonce, and how many nonces are kept.</summary>
    internal const int AcmeNonces = 24;

    /// <summary>How many certificates are ordered at a time: a name that takes long holds up few others.</summary>
    internal const int AcmeOrders = 4;

    /// <summary>The token of the REST contract, in UTF-8.</summary>
    internal const int TokenBytes = 512;

    /// <summary>A file with the environment of new containers (Edge:Docker:EnvFile).</summary>
    internal const int EnvFileBytes = 1024 * 1024;

    /// <summary>Addresses whose wrong tokens are counted separately.</summary>
    internal const int AttemptAddresses = 1024;

    /// <summary>Wrong tokens that one address may send at once.</summary>
    internal const int AttemptsInARow = 10;

    /// <summary>Clients of which a rate is known at a time, of all services together; a power of 2. Each takes 16 bytes.</summary>
    internal const int RateClients = 64 * 1024;

    /// <summary>The pause until an address may send one more.</summary>
    internal const int AttemptPauseSeconds = 6;

    /// <summary>Lines in a row that the log gets about refused calls.</summary>
    internal const int RefusalLinesInARow = 20;

    /// <summary>The pause until there may be one more line.</summary>
    internal const int RefusalLinePauseSeconds = 1;

    /// <summary>Pieces that wait for standard output and standard error, mostly lines of the log.</summary>
    internal const int OutputPieces = 1024;

    /// <summary>The characters of a path in the log.</summary>
    internal const int LoggedPathChars = 200;

    /// <summary>The body of a local reply that is sent at once; a larger one goes in pieces.</summary>
    internal const int OwnBodyBytes = 2 * 1024 * 1024;

    /// <summary>The most bytes of one piece of a streamed local reply.</summary>
    internal const int LocalReplyPieceBytes = 16 * 1024;

    /// <summary>Events that are kept for the listeners of /edge/events, and for those that come back.</summary>
    internal const int EventsKept = 1024;

    /// <summary>One event as it is sent; a longer one is sent without its words.</summary>
    internal const int EventBytes = 4 * 1024;

    /// <summary>Clients that listen at /edge/events at one time.</summary>
    internal const int EventListeners = 64;

    /// <summary>Protocols that one request may offer in Upgrade.</summary>
    internal const int UpgradeProtocols = 16;

    /// <summary>
    /// How long a replica that the balancer owns gets no attempt after it has refused a connection, if no other replica is sound: such replicas have
    /// died and are started again soon.
    /// </summary>
    internal const int HoldMilliseconds = 100;

    /// <summary>
    /// If several attempts of one request end within this time, they count as one event, such as the end of all replicas at once: there are pauses
    /// between them, and no failure.
    /// </summary>
    internal const int BurstMilliseconds = 1000;

    /// <summary>
    /// If a pooled connection ends within this time of its use, that is not the fault of the request or the replica: the end was on its way, or one
    /// segment was lost.
    /// </summary>
    internal const int StaleMilliseconds = 1000;

    /// <summary>The longest part of a path that may be a word of a route; a longer one is taken for an id.</summary>
    internal const int RouteWordBytes = 24;

    /// <summary>
    /// How long a failed attempt counts as in flight on its replica: otherwise a replica that fails fast would seem to have nothing to do.
    /// </summary>
    internal const int FailurePenaltyMilliseconds = 1000;

    /// <summary>Failure penalties of one loop; if there is one more, the oldest one ends.</summary>
    internal const int FailurePenalties = 64 * 1024;

    /// <summary>Up to this many replicas are compared for a pick; of more, two are.</summary>
    internal const int ComparedReplicas = 16;

    /// <summary>
    /// How long a request waits at most for the answer of a canary, before an old replica is asked: longer than nearly all pages take, and shorter than people
    /// wait for one. If the options allow an answer less than twice that, half of what they allow.
    /// </summary>
    internal const int CanaryMilliseconds = 5000;

    /// <summary>The least time that it is, however fast the old replicas are: what is cold, or collects its memory, takes a moment.</summary>
    internal const int CanaryAtLeastMilliseconds = 1000;

    /// <summary>
    /// Requests in flight that a replica of a canary has room for on one loop, however much that is compared with the old replicas. Beyond that it has room
    /// for twice what would be its part: one large client, or a canary that hangs, does not get it more.
    /// </summary>
    internal const int CanaryInFlight = 16;

    /// <summary>How long the loop waits for a replica to close a connection after its last response, before it closes the connection itself.</summary>
    internal const int ReplicaClosesMilliseconds = 100;

    /// <summary>The pause until the loop looks again at a body that comes too slowly while there is room.</summary>
    internal const int PaceLookMilliseconds = 1000;

    /// <summary>Connections accepted before the loop handles those that it has.</summary>
    internal const int AcceptsPerTurn = 64;

    /// <summary>Connections in the queue of a listening socket; the kernel's own bound is net.core.somaxconn.</summary>
    internal const int ListenBacklog = 4096;

    /// <summary>
    /// Bytes that are read and thrown away before the connection is cut, so that a client can read why its request was refused. More than a client on
    /// the same machine sends before it sees the answer.
    /// </summary>
    internal const int LingerBytes = 32 * 1024 * 1024;

    internal const int LingerMilliseconds = 2000;

    /// <summary>How long clients have to read that their requests are cut, when the balancer ends.</summary>
    internal const int PartingMilliseconds = 1000;

    /// <summary>
    /// How often the loop looks whether a client has taken the whole of a response that is to end with a reset; the kernel does not report it.
    /// </summary>
    internal const int TakenPollMilliseconds = 50;

    /// <summary>How long a client that has just connected has to send its request, when the balancer ends.</summary>
    internal const int NewcomerMilliseconds = 1000;

    /// <summary>After how long a monitor may ask again that has asked for a service which is asleep, in seconds.</summary>
    internal const int AsleepRetrySeconds = 60;

    /// <summary>Services beside the default one.</summary>
    internal const int Services = 512;

    /// <summary>
    /// How long a service of labels stays after its last container is gone. A deploy may remove the old containers before it makes the new ones, and nobody
    /// else is to get its requests meanwhile.
    /// </summary>
    internal const int LabelledServiceMilliseconds = 5 * 60 * 1000;

    /// <summary>The least pause between two lists of the containers whose labels name services.</summary>
    internal const int LabelledPauseMilliseconds = 100;

    /// <summary>The hosts and the paths that the labels of one container may name.</summary>
    internal const int LabelledRoutes = 64;

    /// <summary>The slots of replicas, healthy or not.</summary>
    internal const int Replicas = 1024;

    internal const int WeightAtMost = 256;

    /// <summary>Of the requests that may go to a canary, how many do at most: it is one replica, and the others have to answer what it fails.</summary>
    internal const int CanaryPercent = 50;

    /// <summary>Event loops of a process.</summary>
    internal const int Loops = 256;

    /// <summary>Certificates that are shown to clients.</summary>
    internal const int Certificates = 10_000;

    /// <summary>The certificates that the status and the metrics show: of more, those that end first. Those that cannot be read count apart.</summary>
    internal const int CertificatesShown = 1000;

    /// <summary>The names of one certificate that the status shows; the rest is counted.</summary>
    internal const int CertificateNamesShown = 10;

    /// <summary>The length of a file with certificates, or a key.</summary>
    internal const int PemBytes = 1024 * 1024;

    /// <summary>The certificates of one change that the log and the events name; the rest is counted.</summary>
    internal const int CertificatesNamed = 16;

    /// <summary>How often files with certificates are looked at.</summary>
    internal const int CertificateLookMilliseconds = 5000;
}
