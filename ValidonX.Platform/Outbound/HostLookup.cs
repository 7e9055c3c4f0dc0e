using System.Net;

namespace ValidonX.Platform.Outbound;

/// <summary>Finds the addresses of a host.</summary>
public delegate Task<IPAddress[]> HostLookup(string host, CancellationToken cancellationToken);
