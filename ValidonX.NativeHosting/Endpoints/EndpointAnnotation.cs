using System.Net.Sockets;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A named port that a resource listens on.</summary>
public sealed class EndpointAnnotation : IResourceAnnotation
{
    /// <param name="protocol">The transport protocol.</param>
    /// <param name="uriScheme">The scheme of its address, <c>http</c> for instance.</param>
    /// <param name="transport">The application protocol, <c>http</c> or <c>http2</c>.</param>
    /// <param name="name">The endpoint's name; the scheme when null.</param>
    /// <param name="port">The port that others use; null for any free one.</param>
    /// <param name="targetPort">The port that the process itself listens on; null for any free one.</param>
    /// <param name="isExternal">Whether it is meant for callers outside the stack.</param>
    /// <param name="isProxied">Whether a proxy may stand before the process.</param>
    public EndpointAnnotation(
        ProtocolType protocol,
        string? uriScheme = null,
        string? transport = null,
        string? name = null,
        int? port = null,
        int? targetPort = null,
        bool? isExternal = null,
        bool? isProxied = null)
    {
        Protocol = protocol;
        UriScheme = uriScheme ?? protocol.ToString().ToLowerInvariant();
        Transport = transport ?? (UriScheme is "http" or "https" ? "http" : UriScheme);
        Name = name ?? UriScheme;
        Port = port;
        TargetPort = targetPort;
        IsExternal = isExternal ?? false;
        IsProxied = isProxied ?? true;
    }

    /// <summary>The endpoint's name, unique within its resource.</summary>
    public string Name { get; set; }

    /// <summary>The transport protocol.</summary>
    public ProtocolType Protocol { get; set; }

    /// <summary>The scheme of its address.</summary>
    public string UriScheme { get; set; }

    /// <summary>The application protocol.</summary>
    public string Transport { get; set; }

    /// <summary>The port that others use; null for any free one.</summary>
    public int? Port { get; set; }

    /// <summary>The port that the process itself listens on; null for any free one.</summary>
    public int? TargetPort { get; set; }

    /// <summary>Whether it is meant for callers outside the stack.</summary>
    public bool IsExternal { get; set; }

    /// <summary>Whether a proxy may stand before the process.</summary>
    public bool IsProxied { get; set; }

    /// <summary>Where it really is, once the stack has started.</summary>
    public AllocatedEndpoint? AllocatedEndpoint { get; set; }

    /// <summary>The variable that tells the process its own port; null for none.</summary>
    internal string? PortVariable { get; set; }

    /// <summary>The ports of the processes behind it, one for each replica, once the stack has started.</summary>
    internal IReadOnlyList<int> ProcessPorts { get; set; } = [];
}
