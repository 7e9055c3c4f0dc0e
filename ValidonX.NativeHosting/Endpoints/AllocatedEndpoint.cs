using System.Globalization;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Where an endpoint really is.</summary>
public class AllocatedEndpoint(EndpointAnnotation endpoint, string address, int port, string? targetPortExpression = null)
{
    /// <summary>The endpoint.</summary>
    public EndpointAnnotation Endpoint { get; } = endpoint;

    /// <summary>The host name.</summary>
    public string Address { get; } = address;

    /// <summary>The port.</summary>
    public int Port { get; } = port;

    /// <summary>The scheme.</summary>
    public string UriScheme => Endpoint.UriScheme;

    /// <summary>Host and port.</summary>
    public string EndPointString => string.Create(CultureInfo.InvariantCulture, $"{Address}:{Port}");

    /// <summary>The address as a URI.</summary>
    public string UriString => $"{UriScheme}://{EndPointString}";

    /// <summary>The expression for the process's own port; null when it is <see cref="Port"/>.</summary>
    public string? TargetPortExpression { get; } = targetPortExpression;

    /// <inheritdoc/>
    public override string ToString() => UriString;
}
