using System.Diagnostics;

namespace ValidonX.Tests.Servers;

/// <summary>
/// Which database server the tests run on: the <c>mysqld</c> that the environment variable <c>VALIDONX_MYSQLD</c> names, else the
/// machine's MariaDB. Its empty data folder is made once per test run and copied for every server.
/// </summary>
internal static class DatabaseServerProgram
{
    private static readonly Lazy<Task<DirectoryInfo>> Template = new(MakeTemplateAsync);

    public static string Path { get; } =
        Environment.GetEnvironmentVariable("VALIDONX_MYSQLD") is { Length: > 0 } named
            ? named
            : Find("mariadbd") ?? Find("mysqld") ?? throw new InvalidOperationException("These tests need a database server: apt-get install mariadb-server-core.");

    /// <summary>Whether it is MySQL itself and not MariaDB.</summary>
    public static bool IsMySql { get; } = !Version().Contains("MariaDB", StringComparison.OrdinalIgnoreCase);

    /// <summary>Fills the folder with the files of a server that has never run.</summary>
    public static async Task FillAsync(DirectoryInfo folder)
    {
        var template = await Template.Value;
        foreach (var below in template.EnumerateDirectories("*", SearchOption.AllDirectories))
            Directory.CreateDirectory(System.IO.Path.Combine(folder.FullName, System.IO.Path.GetRelativePath(template.FullName, below.FullName)));
        foreach (var file in template.EnumerateFiles("*", SearchOption.AllDirectories))
            file.CopyTo(System.IO.Path.Combine(folder.FullName, System.IO.Path.GetRelativePath(template.FullName, file.FullName)));
    }

    /// <summary>Arguments of every start that belong to the kind of server.</summary>
    public static IReadOnlyList<string> Arguments =>
    [
        .. IsMySql ? (string[])["--mysqlx=OFF", "--innodb-redo-log-capacity=32M", "--secure-file-priv=NULL"] : ["--innodb-log-file-size=16M"],
        .. Environment.IsPrivilegedProcess ? (string[])["--user=root"] : [],
    ];

    private static async Task<DirectoryInfo> MakeTemplateAsync()
    {
        var folder = Directory.CreateTempSubdirectory("validonx-database-template-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        string[] owner = Environment.IsPrivilegedProcess ? ["--user=root"] : [];
        if (IsMySql)
        {
            await RunAsync(Path, ["--no-defaults", "--initialize-insecure", "--secure-file-priv=NULL", $"--datadir={folder.FullName}", "--innodb-redo-log-capacity=32M", .. owner]);
        }
        else
        {
            // mariadb-install-db does the same, but needs a program that the server's own package does not contain.
            await RunAsync(
                Path,
                ["--no-defaults", "--bootstrap", $"--datadir={folder.FullName}", $"--tmpdir={folder.FullName}", "--innodb-log-file-size=16M", "--skip-networking", "--max-allowed-packet=8M", .. owner],
                await MariaDbSystemTablesAsync());
        }

        return folder;
    }

    private static string Version()
    {
        using var process = Process.Start(new ProcessStartInfo(Path, ["--no-defaults", "--version"]) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd();
    }

    private static async Task<string> MariaDbSystemTablesAsync()
    {
        var share = System.IO.Path.Combine(System.IO.Path.GetDirectoryName(System.IO.Path.GetDirectoryName(Path))!, "share");
        var folder = new[] { "mysql", "mariadb" }.Select(name => System.IO.Path.Combine(share, name)).First(Directory.Exists);
        var script = new System.Text.StringBuilder("CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket = NULL;\n");
        foreach (var name in (string[])["mysql_system_tables", "mysql_performance_tables", "mysql_system_tables_data", "mysql_sys_schema"])
            script.AppendLine(await File.ReadAllTextAsync(System.IO.Path.Combine(folder, name + ".sql")));
        return script.ToString();
    }

    private static async Task RunAsync(string program, string[] arguments, string input = "")
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{program} failed: {await output}{await error}");
    }

    private static string? Find(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Append("/usr/sbin")
        .Select(folder => System.IO.Path.Combine(folder, name))
        .FirstOrDefault(File.Exists);
}
