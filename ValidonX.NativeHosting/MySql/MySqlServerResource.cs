namespace Aspire.Hosting.ApplicationModel;

/// <summary>A server that speaks MySQL's protocol: MySQL or MariaDB.</summary>
public class MySqlServerResource : ContainerResource, IResourceWithConnectionString
{
    internal const string PrimaryEndpointName = "tcp";
    private const string UserName = "root";

    private readonly Dictionary<string, string> _databases = new(ResourceName.Comparer);
    private readonly List<MySqlDatabaseResource> _databaseResources = [];

    /// <param name="name">The resource's name.</param>
    /// <param name="password">The password of <c>root</c>.</param>
    public MySqlServerResource(string name, ParameterResource password)
        : base(name)
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
    public ParameterResource PasswordParameter { get; set; }

    /// <summary><c>Server=…;Port=…;User ID=root;Password=…</c>.</summary>
    public ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"Server={Host};Port={Port};User ID={UserName};Password={PasswordParameter}");

    /// <summary><c>mysql://root:…@host:port</c>.</summary>
    public ReferenceExpression UriExpression => ReferenceExpression.Create($"mysql://{UserName}:{PasswordParameter:uri}@{Host}:{Port}");

    /// <summary><c>jdbc:mysql://host:port</c>.</summary>
    public ReferenceExpression JdbcConnectionString => ReferenceExpression.Create($"jdbc:mysql://{Host}:{Port}");

    /// <summary>The databases by the names of their resources.</summary>
    public IReadOnlyDictionary<string, string> Databases => _databases;

    internal IReadOnlyList<MySqlDatabaseResource> DatabaseResources => _databaseResources;

    IEnumerable<KeyValuePair<string, ReferenceExpression>> IResourceWithConnectionString.GetConnectionProperties() => Properties(null);

    internal void AddDatabase(MySqlDatabaseResource database)
    {
        _databases.TryAdd(database.Name, database.DatabaseName);
        _databaseResources.Add(database);
    }

    internal IEnumerable<KeyValuePair<string, ReferenceExpression>> Properties(MySqlDatabaseResource? database)
    {
        yield return new("Host", ReferenceExpression.Create($"{Host}"));
        yield return new("Port", ReferenceExpression.Create($"{Port}"));
        yield return new("Username", ReferenceExpression.Create($"{UserName}"));
        yield return new("Password", ReferenceExpression.Create($"{PasswordParameter}"));
        yield return new("Uri", database?.UriExpression ?? UriExpression);
        yield return new("JdbcConnectionString", database?.JdbcConnectionString ?? JdbcConnectionString);
        if (database is not null)
            yield return new("DatabaseName", ReferenceExpression.Create($"{database.DatabaseName}"));
    }
}
