namespace ValidonX.Platform.Databases;

/// <summary>A database server that holds tenants' databases; a row of <c>database_servers</c>. Credentials are configuration, not data.</summary>
/// <param name="Name">What tenant rows call it.</param>
/// <param name="Host">Where it listens.</param>
/// <param name="Port">Where it listens.</param>
/// <param name="Region">New tenants go to a server of their region.</param>
/// <param name="Class"><c>shared</c> or <c>dedicated</c>.</param>
/// <param name="Capacity">Most tenants it takes.</param>
/// <param name="Options">How it is connected to, as in a connection string and without login: <c>SslCa=/etc/ssl/db.pem</c>.</param>
public sealed record DatabaseServer(string Name, string Host, uint Port, string Region, string Class, uint Capacity, string Options = "");
