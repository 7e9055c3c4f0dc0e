using System.Net;

namespace ValidonX.Platform.Databases;

/// <summary>Which servers are on this machine.</summary>
internal static class LoopbackAddress
{
    /// <summary>Whether the host is this machine by its name or address, or a socket file.</summary>
    public static bool Is(string host) =>
        host.StartsWith('/')
        || string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
