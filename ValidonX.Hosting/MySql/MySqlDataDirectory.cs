using System.Text;
using Aspire.Hosting;
using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.MySql;

/// <summary>Makes the data folder that a server can start on.</summary>
/// <param name="shared">Where empty folders are kept to be copied.</param>
/// <param name="program">The server.</param>
/// <param name="flavor">What it is.</param>
internal sealed class MySqlDataDirectory(string shared, LocalProgram program, MySqlFlavor flavor)
{
    // What the servers' own installation scripts run, without the help texts and without anonymous accounts and a test database.
    private static readonly string[] SystemTables =
    [
        "mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql",
        "maria_add_gis_sp_bootstrap.sql", "mysql_sys_schema.sql",
    ];

    /// <summary>The arguments that every start of this program needs.</summary>
    public IReadOnlyList<string> Arguments =>
    [
        // A small redo log, because it is written in full when the folder is made.
        .. flavor.IsMariaDb ? (string[])["--innodb-log-file-size=64M"] : ["--innodb-redo-log-capacity=64M", "--secure-file-priv=NULL", "--loose-mysqlx=OFF"],
        // What was unpacked and not installed does not know where its own files are.
        .. program.LibraryPath is null ? [] : LocationArguments(SharePath()),
        // It runs as the one who started it.
        .. !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess ? (string[])["--user=root"] : [],
    ];

    /// <summary>Makes the folder: the only account is <c>root@localhost</c> without a password.</summary>
    public async Task CreateAsync(string folder, CancellationToken cancellationToken)
    {
        // It takes a server seconds to fill a folder, and a moment to start on a copy of one.
        var template = Path.Combine(shared, "templates", $"{flavor.FolderName}-{flavor.Version}");
        using (await SharedFolderLock.TakeAsync(template + ".lock", cancellationToken))
        {
            if (!Directory.Exists(template))
                await FillAsync(template, flavor.IsMariaDb ? BootstrapMariaDbAsync : InitializeMySqlAsync, cancellationToken);
        }

        await FillAsync(folder, (empty, _) =>
        {
            foreach (var below in Directory.EnumerateDirectories(template, "*", SearchOption.AllDirectories))
                PrivateFiles.CreateFolder(Path.Combine(empty, Path.GetRelativePath(template, below)));

            foreach (var file in Directory.EnumerateFiles(template, "*", SearchOption.AllDirectories))
                File.Copy(file, Path.Combine(empty, Path.GetRelativePath(template, file)));

            return Task.CompletedTask;
        }, cancellationToken);
    }

    // A folder is there as a whole or not at all.
    private static async Task FillAsync(string folder, Func<string, CancellationToken, Task> fillAsync, CancellationToken cancellationToken)
    {
        var unfinished = folder + ".new";
        if (Directory.Exists(unfinished))
            Directory.Delete(unfinished, recursive: true);
        await fillAsync(PrivateFiles.CreateFolder(unfinished), cancellationToken);
        Directory.Move(unfinished, folder);
    }

    private string[] LocationArguments(string share) =>
    [
        $"--basedir={Prefix(program.Path)}", $"--plugin-dir={Path.Combine(Prefix(program.Path), "lib", "mysql", "plugin")}",
        $"--lc-messages-dir={share}", $"--character-sets-dir={Path.Combine(share, "charsets")}",
    ];

    private static string Prefix(string program) => Path.GetDirectoryName(Path.GetDirectoryName(program))!;

    private string SharePath()
    {
        var prefix = Prefix(new FileInfo(program.Path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? program.Path);
        string[] candidates = ["share/mysql", "share/mariadb", "share"];
        return candidates.Select(candidate => Path.Combine(prefix, candidate)).FirstOrDefault(path => File.Exists(Path.Combine(path, SystemTables[0])))
            ?? throw new DistributedApplicationException($"The SQL files that {program.Path} needs to make a data folder are not below {prefix}/share.");
    }

    private async Task InitializeMySqlAsync(string folder, CancellationToken cancellationToken)
    {
        await RunAsync(["--initialize-insecure", $"--datadir={folder}"], "", cancellationToken);
        // Every copy gets an identity of its own.
        File.Delete(Path.Combine(folder, "auto.cnf"));
    }

    private async Task BootstrapMariaDbAsync(string folder, CancellationToken cancellationToken)
    {
        var share = SharePath();
        var script = new StringBuilder("create database if not exists mysql;\nuse mysql;\nset @auth_root_socket=null;\n");
        foreach (var file in SystemTables.Select(file => Path.Combine(share, file)).Where(File.Exists))
            script.AppendLine(await File.ReadAllTextAsync(file, cancellationToken));

        script.Append("delete from mysql.global_priv where User = '' or Host not in ('localhost');\n")
            .Append("delete from mysql.proxies_priv where Host not in ('localhost');\n");

        // Its own place for temporary tables: a server that starts removes what others left in the common one, also what they still use.
        await RunAsync(
            ["--bootstrap", $"--datadir={folder}", $"--tmpdir={folder}", $"--lc-messages-dir={share}",
                "--skip-networking", "--log-warnings=0", "--max-allowed-packet=8M", "--net-buffer-length=16K"],
            script.ToString(),
            cancellationToken);
    }

    private async Task RunAsync(string[] arguments, string input, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await program.RunAsync(["--no-defaults", .. arguments, .. Arguments], cancellationToken, input);
        if (exitCode != 0)
        {
            throw new DistributedApplicationException(
                $"{program.Path} cannot make a data folder (exit code {exitCode}): {string.Join(" | ", output.Split('\n').TakeLast(3))}");
        }
    }
}
