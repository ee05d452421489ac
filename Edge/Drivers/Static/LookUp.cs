using System.Net;
using System.Net.Sockets;

namespace Edge.Drivers;

/// <summary>Finds the addresses of a host name; throws <see cref="SocketException"/> if there are none.</summary>
internal delegate Task<IPAddress[]> LookUp(string host, CancellationToken cancellation);
