namespace ValidonX.Platform.Databases;

/// <summary>Where a database server is and as whom to log in.</summary>
internal sealed record DatabaseLogin(string Host, uint Port, string User, string Password)
{
    /// <summary>The default database, or none.</summary>
    public string? Database { get; init; }

    /// <summary>What else is said about connections, as in a connection string; see <see cref="ConnectionSettings"/>. It goes before the numbers below.</summary>
    public string Options { get; init; } = "";

    /// <summary>Most connections this process opens to the server.</summary>
    public int MaximumPoolSize { get; init; } = 64;

    /// <summary>Longest wait for a connection.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest run of one command.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Whether a session that leaves the pool is reset by the server first, which costs a round trip, leaves nothing of its last use and replaces a session
    /// whose server has gone. Otherwise whoever uses it sees to that.
    /// </summary>
    public bool ResetSessions { get; init; } = true;

    /// <summary>Whether traffic to the server stays on this machine, so that it need not be encrypted.</summary>
    public bool IsLoopback => Host.Split(',').All(static host => LoopbackAddress.Is(host.Trim()));

    /// <summary>Leaves the password out.</summary>
    public override string ToString() => $"{User}@{Host}:{Port}/{Database}";
}
