using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Aspire.Hosting.Health;
using Aspire.Hosting.Orchestration;
using Aspire.Hosting.Processes;
using Aspire.Hosting.Servers;

namespace Aspire.Hosting.MySql;

/// <summary>Prepares the process of a MySQL-compatible server.</summary>
internal sealed class MySqlLauncher(ServerCatalog servers, DataFolder data) : ILauncher
{
    // A socket's path has room for 107 bytes.
    private const int LongestSocketPath = 100;

    public bool CanLaunch(IResource resource) => resource is MySqlServerResource;

    public Task FindProgramAsync(IResource resource, CancellationToken cancellationToken) => servers.MySqlAsync(cancellationToken);

    public async Task<Launch> PrepareAsync(LaunchRequest request, CancellationToken cancellationToken)
    {
        var server = (MySqlServerResource)request.Resource;
        var program = await servers.MySqlAsync(cancellationToken);
        var flavor = await MySqlFlavor.DetectAsync(program, cancellationToken);
        var directory = new MySqlDataDirectory(data, program, flavor);
        var folder = data.ForResource(server, flavor.FolderName, out _);
        var content = Path.Combine(folder, "content");
        if (!Directory.Exists(content))
        {
            var unfinished = DataFolder.CreatePrivate(content + ".new");
            Directory.Delete(unfinished, recursive: true);
            await directory.InitializeAsync(DataFolder.CreatePrivate(unfinished), cancellationToken);
            Directory.Move(unfinished, content);
        }

        var password = await server.PasswordParameter.GetValueAsync(cancellationToken);
        var initFile = Path.Combine(folder, "init.sql");
        PrivateFile.Write(initFile, MySqlInitFile.Compose(server, password!));
        var port = request.Port(MySqlServerResource.PrimaryEndpointName);
        var optionFile = Path.Combine(folder, "my.cnf");
        PrivateFile.Write(optionFile, Options(flavor, content, initFile, folder, port));
        return new Launch(
            new LaunchSpec(
                program.Path,
                [$"--defaults-file={optionFile}", .. directory.LocationArguments(), .. request.Arguments],
                program.Environment,
                folder),
            new MySqlGreetingProbe(port));
    }

    private static string Options(MySqlFlavor flavor, string content, string initFile, string folder, int port)
    {
        var socket = Path.Combine(folder, "mysql.sock");
        if (socket.Length > LongestSocketPath)
            socket = Path.Combine(Path.GetTempPath(), string.Create(CultureInfo.InvariantCulture, $"validonx-{Environment.ProcessId}-{port}.sock"));

        List<string> options =
        [
            $"datadir={content}", $"tmpdir={folder}", $"init_file={initFile}", $"socket={socket}", $"pid_file={Path.Combine(folder, "mysqld.pid")}",
            string.Create(CultureInfo.InvariantCulture, $"port={port}"), "bind_address=127.0.0.1", "skip_name_resolve=ON",
            "skip_log_bin", "character_set_server=utf8mb4", "innodb_buffer_pool_size=256M", "innodb_flush_log_at_trx_commit=1",
            "open_files_limit=65535",
            .. flavor.IsMariaDb
                ? [$"innodb_log_file_size={MySqlDataDirectory.RedoLogSize}"]
                : (string[])[$"innodb_redo_log_capacity={MySqlDataDirectory.RedoLogSize}", "mysqlx=OFF", "secure_file_priv=NULL"],
            .. Posix.IsRoot ? (string[])["user=root"] : [],
        ];
        return $"[mysqld]\n{string.Join('\n', options)}\n";
    }
}
