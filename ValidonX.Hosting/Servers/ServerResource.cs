using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using ValidonX.Hosting.Data;

namespace ValidonX.Hosting.Servers;

/// <summary>A server as a process of this machine.</summary>
public abstract class ServerResource : ExecutableResource, IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";

    private protected ServerResource(string name, ParameterResource password)
        : base(name, command: name, Path.GetTempPath())
    {
        PasswordParameter = password;
        PrimaryEndpoint = new(this, PrimaryEndpointName);
    }

    /// <summary>Where the server listens.</summary>
    public EndpointReference PrimaryEndpoint { get; }

    /// <summary>The server's host.</summary>
    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    /// <summary>The server's port.</summary>
    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    /// <summary>The password that clients need.</summary>
    public ParameterResource PasswordParameter { get; }

    /// <inheritdoc/>
    public abstract ReferenceExpression ConnectionStringExpression { get; }

    /// <summary>The name of the folder in which the data outlive the run; they do not when null.</summary>
    internal string? Volume { get; set; }

    /// <summary>Finds the program, or obtains it.</summary>
    internal abstract Task<LocalProgram> FindAsync(ServerCatalog catalog, CancellationToken cancellationToken);

    /// <summary>Makes the data and the option file, which holds the secrets, so that no command line does.</summary>
    /// <returns>The argument that names the option file.</returns>
    internal abstract Task<string> PrepareAsync(LocalProgram program, ServerFolders folders, Func<string, Task> tell, CancellationToken cancellationToken);

    /// <summary>Logs in; throws when it cannot.</summary>
    internal abstract Task LogInAsync(CancellationToken cancellationToken);

    /// <summary>A text as the servers read it in their files. They do so line by line: it must not contain a line's end.</summary>
    private protected static string Quote(string text, char mark) => text.Any(char.IsControl)
        ? throw new DistributedApplicationException("A password or folder of a server contains a control character; choose another.")
        : $"{mark}{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace($"{mark}", $@"\{mark}", StringComparison.Ordinal)}{mark}";
}
