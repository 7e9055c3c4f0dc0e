using MySqlConnector;

namespace ValidonX.Platform.Databases;

/// <summary>
/// What a connection string or the options of a database server may say, what they may not, and what holds where they say nothing. Beyond this machine
/// every connection is encrypted, and with a CA the server proves who it is.
/// </summary>
internal static class ConnectionSettings
{
    private const string Mode = "SslMode";
    private const string KeyRetrieval = "AllowPublicKeyRetrieval";

    private static readonly string[] Login = ["Server", "Port", "User ID", "Password", "Database"];

    /// <summary>What the code relies on; another value would change what it reads, or what a session leaves to its next user.</summary>
    private static readonly string[] Own =
    [
        "Pooling", "Connection Reset", "Ignore Command Transaction", "Auto Enlist", "Use XA Transactions", "GUID Format", "Old Guids", "DateTimeKind", "Treat Tiny As Boolean",
        "Allow Zero DateTime", "Convert Zero DateTime", "Use Affected Rows", "No Backslash Escapes", "Allow User Variables", "Allow Load Local Infile",
    ];

    /// <summary>Reads a connection string.</summary>
    /// <exception cref="FormatException">It is none, or says what it may not; one sentence.</exception>
    public static DatabaseLogin Parse(string connectionString)
    {
        var settings = Read(connectionString);
        var login = new DatabaseLogin(settings.Server, settings.Port, settings.UserID, settings.Password)
        {
            Database = string.IsNullOrEmpty(settings.Database) ? null : settings.Database,
        };
        foreach (var key in Login)
        {
            settings.Remove(key);
        }

        login = login with { Options = settings.ConnectionString };
        Complete(login);
        return login;
    }

    /// <summary>Everything a connection is opened with.</summary>
    /// <exception cref="FormatException">The login's options say what they may not; one sentence.</exception>
    public static MySqlConnectionStringBuilder Complete(DatabaseLogin login)
    {
        var settings = Read(login.Options);
        if (Login.FirstOrDefault(settings.ContainsKey) is { } key)
        {
            throw new FormatException($"The options of the connection to {login.Host} may not hold '{key}', which is said elsewhere.");
        }

        var said = Read(login.Options);
        settings.Server = login.Host;
        settings.Port = login.Port;
        settings.UserID = login.User;
        settings.Password = login.Password;
        settings.Database = login.Database ?? "";
        Secure(settings, login, said);

        settings.ConnectionReset = login.ResetSessions;
        // A command on a connection with an open transaction is part of it, whether or not it says so: the server knows nothing else.
        settings.IgnoreCommandTransaction = true;
        Default("Maximum Pool Size", () => settings.MaximumPoolSize = (uint)login.MaximumPoolSize);
        Default("Connection Timeout", () => settings.ConnectionTimeout = (uint)login.ConnectTimeout.TotalSeconds);
        Default("Default Command Timeout", () => settings.DefaultCommandTimeout = (uint)login.CommandTimeout.TotalSeconds);
        return settings;

        void Default(string option, Action set)
        {
            if (!said.ContainsKey(option))
            {
                set();
            }
        }
    }

    private static void Secure(MySqlConnectionStringBuilder settings, DatabaseLogin login, MySqlConnectionStringBuilder said)
    {
        if (settings.SslCa.Length > 0 && (!said.ContainsKey(Mode) || settings.SslMode < MySqlSslMode.VerifyCA))
        {
            settings.SslMode = MySqlSslMode.VerifyFull;
        }
        else if (!said.ContainsKey(Mode))
        {
            settings.SslMode = login.IsLoopback ? MySqlSslMode.None : MySqlSslMode.Required;
        }

        if (!login.IsLoopback && settings.SslMode < MySqlSslMode.Required)
        {
            throw new FormatException(
                $"The connection to {login.Host} leaves this machine and must be encrypted: SslMode is {settings.SslMode}, and at least Required is needed.");
        }

        if (!said.ContainsKey(KeyRetrieval))
        {
            // On this machine a login without encryption needs it; elsewhere nobody could say whose key that is.
            settings.AllowPublicKeyRetrieval = login.IsLoopback;
        }
        else if (settings.AllowPublicKeyRetrieval && !login.IsLoopback && settings.SslMode < MySqlSslMode.VerifyCA)
        {
            throw new FormatException(
                $"The connection to {login.Host} may not ask for the server's public key (AllowPublicKeyRetrieval): the server has not proved who it is. Give its CA (SslCa).");
        }
    }

    private static MySqlConnectionStringBuilder Read(string text)
    {
        MySqlConnectionStringBuilder settings;
        try
        {
            settings = new MySqlConnectionStringBuilder(text);
        }
        catch (ArgumentException unreadable)
        {
            // Its message names the option, never a value.
            throw new FormatException($"A connection string of the database cannot be read: {unreadable.Message}", unreadable);
        }

        return Own.FirstOrDefault(settings.ContainsKey) is { } own
            ? throw new FormatException($"A connection string of the database sets '{own}', which the platform decides itself: leave it out.")
            : settings;
    }
}
