using Aspire.Hosting.ApplicationModel;
using MySqlConnector;
using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.MySql;

/// <summary>A server that speaks MySQL's protocol, MySQL or MariaDB, as a process of this machine.</summary>
/// <param name="name">The resource's name.</param>
/// <param name="password">The password of <c>root</c>.</param>
public sealed class MySqlServerResource(string name, ParameterResource password) : ServerResource(name, password)
{
    /// <summary><c>Server=…;Port=…;User ID=root;Password=…</c>.</summary>
    public override ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"Server={Host};Port={Port};User ID=root;Password={PasswordParameter}");

    /// <summary>The names of its databases.</summary>
    internal List<string> Databases { get; } = [];

    internal override Task<LocalProgram> FindAsync(ServerCatalog catalog, CancellationToken cancellationToken) => catalog.MySqlAsync(cancellationToken);

    internal override async Task<string> PrepareAsync(LocalProgram program, ServerFolders folders, Func<string, Task> tell, CancellationToken cancellationToken)
    {
        var flavor = await MySqlFlavor.DetectAsync(program, cancellationToken);
        var directory = new MySqlDataDirectory(folders.Shared, program, flavor);
        var folder = folders.ForData(flavor.FolderName);
        var (content, initFile, optionFile, pidFile) =
            (Path.Combine(folder, "content"), Path.Combine(folder, "init.sql"), Path.Combine(folder, "my.cnf"), Path.Combine(folder, "mysqld.pid"));
        await FormerProcess.EndedAsync(pidFile, folder, tell, cancellationToken);
        if (!Directory.Exists(content))
        {
            await tell("Creating the data folder.");
            await directory.CreateAsync(content, cancellationToken);
        }

        var secret = await PasswordParameter.GetValueAsync(cancellationToken);
        PrivateFiles.Write(initFile, InitStatements(secret!));
        string[] options =
        [
            // The socket lies in the data folder: by its name alone, for a path has room for 107 bytes.
            $"datadir={content}", "socket=mysql.sock", $"tmpdir={folder}", $"init_file={initFile}", $"pid_file={pidFile}",
            $"port={PrimaryEndpoint.Port}", "bind_address=127.0.0.1", "skip_name_resolve=ON",
            "skip_log_bin", "character_set_server=utf8mb4", "innodb_buffer_pool_size=256M", "innodb_flush_log_at_trx_commit=1", "open_files_limit=65535",
            .. directory.Arguments.Select(argument => argument[2..]),
        ];
        PrivateFiles.Write(optionFile, $"[mysqld]\n{string.Join('\n', options)}\n");
        return $"--defaults-file={optionFile}";
    }

    /// <summary>
    /// What the server runs at each start, before it accepts the first connection: it sets the password of <c>root</c> to the present one, whatever
    /// it was, and creates the databases that do not exist yet.
    /// </summary>
    internal string InitStatements(string secret)
    {
        var accounts = ((string[])["'root'@'localhost'", "'root'@'%'"]).SelectMany(account => (string[])
        [
            $"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY {Quote(secret, '\'')}",
            $"ALTER USER {account} IDENTIFIED BY {Quote(secret, '\'')}",
            $"GRANT ALL PRIVILEGES ON *.* TO {account} WITH GRANT OPTION",
        ]);
        var databases = Databases.Select(database =>
            $"CREATE DATABASE IF NOT EXISTS `{database.Replace("`", "``", StringComparison.Ordinal)}` CHARACTER SET utf8mb4");
        return string.Join(";\n", accounts.Concat(databases)) + ";\n";
    }

    internal override Task LogInAsync(CancellationToken cancellationToken) => LogInAsync(this, cancellationToken);

    /// <summary>Opens a connection that is no pool's. The server lets in only after it has run its init file.</summary>
    internal static async Task LogInAsync(IResourceWithConnectionString resource, CancellationToken cancellationToken)
    {
        var settings = new MySqlConnectionStringBuilder(await resource.GetConnectionStringAsync(cancellationToken) ?? "") { Pooling = false };
        await using var connection = new MySqlConnection(settings.ConnectionString);
        await connection.OpenAsync(cancellationToken);
    }
}
