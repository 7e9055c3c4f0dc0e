using System.Text;
using Aspire.Hosting;
using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.MySql;

/// <summary>Makes the data folder that a server can start on.</summary>
/// <param name="shared">Where empty folders are kept to be copied.</param>
/// <param name="program">The server.</param>
/// <param name="flavor">What it is.</param>
internal sealed class MySqlDataDirectory(string shared, ServerProgram program, MySqlFlavor flavor)
{
    /// <summary>The size of the redo log: small, because it is written in full when the folder is made.</summary>
    public const string RedoLogSize = "64M";

    // What the servers' own installation scripts run, without the help texts and without anonymous accounts and a test database.
    private static readonly string[] SystemTables =
    [
        "mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql",
        "maria_add_gis_sp_bootstrap.sql", "mysql_sys_schema.sql",
    ];

    /// <summary>The arguments that let a server run as the one who started it.</summary>
    public static string[] UserArguments => OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess ? [] : ["--user=root"];

    /// <summary>The redo log's size as this kind of server calls it.</summary>
    public string RedoLogArgument => flavor.IsMariaDb ? $"--innodb-log-file-size={RedoLogSize}" : $"--innodb-redo-log-capacity={RedoLogSize}";

    /// <summary>Fills an empty folder: the only account is <c>root@localhost</c> without a password.</summary>
    public async Task InitializeAsync(string folder, CancellationToken cancellationToken)
    {
        // It takes a server seconds to fill a folder, and a moment to start on a copy of one.
        var template = Path.Combine(shared, "templates", $"{flavor.FolderName}-{flavor.Version}");
        using (await SharedFolderLock.TakeAsync(template + ".lock", cancellationToken))
        {
            if (!Directory.Exists(template))
            {
                var unfinished = template + ".new";
                if (Directory.Exists(unfinished))
                    Directory.Delete(unfinished, recursive: true);

                DataFolder.CreatePrivate(unfinished);
                await (flavor.IsMariaDb ? BootstrapMariaDbAsync(unfinished, cancellationToken) : InitializeMySqlAsync(unfinished, cancellationToken));
                Directory.Move(unfinished, template);
            }
        }

        foreach (var below in Directory.EnumerateDirectories(template, "*", SearchOption.AllDirectories))
            DataFolder.CreatePrivate(Path.Combine(folder, Path.GetRelativePath(template, below)));

        foreach (var file in Directory.EnumerateFiles(template, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(folder, Path.GetRelativePath(template, file)), overwrite: true);
    }

    /// <summary>The arguments that tell a server where its own files are, when it was unpacked and not installed.</summary>
    public IReadOnlyList<string> LocationArguments()
    {
        var prefix = Path.GetDirectoryName(Path.GetDirectoryName(program.Path))!;
        return program.LibraryPath is null
            ? []
            : [$"--basedir={prefix}", $"--lc-messages-dir={SharePath()}", $"--character-sets-dir={Path.Combine(SharePath(), "charsets")}",
                $"--plugin-dir={Path.Combine(prefix, "lib", "mysql", "plugin")}"];
    }

    private string SharePath()
    {
        var real = new FileInfo(program.Path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? program.Path;
        var prefix = Path.GetDirectoryName(Path.GetDirectoryName(real))!;
        string[] candidates = ["share/mysql", "share/mariadb", "share"];
        return candidates.Select(candidate => Path.Combine(prefix, candidate)).FirstOrDefault(path => File.Exists(Path.Combine(path, SystemTables[0])))
            ?? throw new DistributedApplicationException($"The SQL files that {program.Path} needs to make a data folder are not below {prefix}/share.");
    }

    private async Task InitializeMySqlAsync(string folder, CancellationToken cancellationToken)
    {
        await RunAsync(["--initialize-insecure", $"--datadir={folder}", "--secure-file-priv=NULL"], null, cancellationToken);
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

    private async Task RunAsync(string[] arguments, string? input, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await Command.RunAsync(
            program.Path, ["--no-defaults", .. arguments, RedoLogArgument, .. LocationArguments(), .. UserArguments], program.Environment, cancellationToken, input);
        if (exitCode != 0)
        {
            throw new DistributedApplicationException(
                $"{program.Path} cannot make a data folder (exit code {exitCode}): {string.Join(" | ", output.Split('\n').TakeLast(3))}");
        }
    }
}
