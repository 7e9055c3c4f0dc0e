using Aspire.Hosting.ApplicationModel;

namespace ValidonX.Hosting.MySql;

/// <summary>A server that speaks MySQL's protocol, MySQL or MariaDB, as a process of this machine.</summary>
public sealed class MySqlServerResource : ExecutableResource, IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";
    private const string UserName = "root";

    private readonly List<MySqlDatabaseResource> _databases = [];

    /// <param name="name">The resource's name.</param>
    /// <param name="password">The password of <c>root</c>.</param>
    public MySqlServerResource(string name, ParameterResource password)
        : base(name, "mysqld", "")
    {
        ArgumentNullException.ThrowIfNull(password);
        PasswordParameter = password;
        PrimaryEndpoint = new(this, PrimaryEndpointName);
    }

    /// <summary>Where the server listens.</summary>
    public EndpointReference PrimaryEndpoint { get; }

    /// <summary>The server's host.</summary>
    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    /// <summary>The server's port.</summary>
    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    /// <summary>The password of <c>root</c>.</summary>
    public ParameterResource PasswordParameter { get; }

    /// <summary><c>Server=…;Port=…;User ID=root;Password=…</c>.</summary>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"Server={Host};Port={Port};User ID={UserName};Password={PasswordParameter}");

    internal IReadOnlyList<MySqlDatabaseResource> Databases => _databases;

    internal void Add(MySqlDatabaseResource database) => _databases.Add(database);
}

/// <summary>A database on a server; it exists when the server is ready.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="databaseName">The database's name.</param>
/// <param name="parent">The server.</param>
public sealed class MySqlDatabaseResource(string name, string databaseName, MySqlServerResource parent)
    : Resource(name), IResourceWithParent<MySqlServerResource>, IResourceWithConnectionString
{
    /// <summary>The server.</summary>
    public MySqlServerResource Parent { get; } = parent;

    /// <summary>The database's name.</summary>
    public string DatabaseName { get; } = databaseName;

    /// <summary>The server's connection string and <c>;Database=…</c>.</summary>
    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Parent};Database={DatabaseName}");
}
