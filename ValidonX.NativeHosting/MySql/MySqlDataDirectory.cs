using System.Text;
using Aspire.Hosting.Data;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.MySql;

/// <summary>Makes the data folder that a server can start on.</summary>
internal sealed class MySqlDataDirectory(DataFolder data, ServerProgram program, MySqlFlavor flavor)
{
    // What the servers' own installation scripts run, without the help texts and without anonymous accounts and a test database.
    private static readonly string[] SystemTables =
    [
        "mysql_system_tables.sql", "mysql_performance_tables.sql", "mysql_system_tables_data.sql",
        "maria_add_gis_sp_bootstrap.sql", "mysql_sys_schema.sql",
    ];

    /// <summary>The size of the redo log: small, because it is written in full when the folder is made.</summary>
    public const string RedoLogSize = "64M";

    /// <summary>Fills an empty folder: the only account is <c>root@localhost</c> without a password.</summary>
    public async Task InitializeAsync(string folder, CancellationToken cancellationToken)
    {
        if (flavor.IsMariaDb)
        {
            await BootstrapMariaDbAsync(folder, cancellationToken);
            return;
        }

        // MySQL takes several seconds to fill a folder, and a moment to start on a copy of one.
        var template = Path.Combine(data.Shared, "templates", $"{flavor.FolderName}-{flavor.Version}");
        using (await SharedFolderLock.TakeAsync(template + ".lock", cancellationToken))
        {
            if (!Directory.Exists(template))
            {
                var unfinished = template + ".new";
                if (Directory.Exists(unfinished))
                    Directory.Delete(unfinished, recursive: true);

                DataFolder.CreatePrivate(unfinished);
                await InitializeMySqlAsync(unfinished, cancellationToken);
                File.Delete(Path.Combine(unfinished, "auto.cnf"));
                Directory.Move(unfinished, template);
            }
        }

        Copy(template, folder);
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

    private async Task InitializeMySqlAsync(string folder, CancellationToken cancellationToken) => await RunAsync(
        ["--no-defaults", "--initialize-insecure", $"--datadir={folder}", $"--innodb-redo-log-capacity={RedoLogSize}", .. LocationArguments(), .. UserArguments],
        standardInput: null,
        cancellationToken);

    private async Task BootstrapMariaDbAsync(string folder, CancellationToken cancellationToken)
    {
        // Its own place for temporary tables: a server that starts removes what others left in the common one, also what they still use.
        var share = SharePath();
        var script = new StringBuilder("create database if not exists mysql;\nuse mysql;\nset @auth_root_socket=null;\n");
        foreach (var file in SystemTables.Select(file => Path.Combine(share, file)).Where(File.Exists))
            script.AppendLine(await File.ReadAllTextAsync(file, cancellationToken));

        script.Append("delete from mysql.global_priv where User = '' or Host not in ('localhost');\n")
            .Append("delete from mysql.proxies_priv where Host not in ('localhost');\n");
        var input = Path.Combine(folder, "bootstrap.sql");
        await File.WriteAllTextAsync(input, script.ToString(), cancellationToken);
        await RunAsync(
            ["--no-defaults", "--bootstrap", $"--datadir={folder}", $"--tmpdir={folder}", $"--innodb-log-file-size={RedoLogSize}", $"--lc-messages-dir={share}",
                "--skip-networking", "--log-warnings=0", "--max-allowed-packet=8M", "--net-buffer-length=16K", .. LocationArguments(), .. UserArguments],
            input,
            cancellationToken);
        File.Delete(input);
    }

    private async Task RunAsync(string[] arguments, string? standardInput, CancellationToken cancellationToken)
    {
        var (exitCode, output) = standardInput is null
            ? await Command.RunAsync(program.Path, arguments, cancellationToken, program.Environment)
            : await Command.RunAsync(
                "sh", ["-c", "input=$1; shift; exec \"$@\" <\"$input\"", "sh", standardInput, program.Path, .. arguments], cancellationToken, program.Environment);
        if (exitCode != 0)
        {
            throw new DistributedApplicationException(
                $"{program.Path} cannot make a data folder (exit code {exitCode}): {string.Join(" | ", output.Split('\n').TakeLast(3))}");
        }
    }

    internal static string[] UserArguments => Posix.IsRoot ? ["--user=root"] : [];

    private static void Copy(string from, string to)
    {
        foreach (var folder in Directory.EnumerateDirectories(from, "*", SearchOption.AllDirectories))
            DataFolder.CreatePrivate(Path.Combine(to, Path.GetRelativePath(from, folder)));

        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
            File.Copy(file, Path.Combine(to, Path.GetRelativePath(from, file)), overwrite: true);
    }
}
