using System.Net;
using System.Net.Sockets;

namespace Edge.Drivers;

/// <summary>Has the addresses of a host name; throws <see cref="SocketException"/> where it has none.</summary>
internal delegate Task<IPAddress[]> LookUp(string host, CancellationToken cancellation);
