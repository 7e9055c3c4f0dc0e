using System.Globalization;
using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.MySql;

/// <summary>Prepares the process of a MySQL-compatible server: its data, what it runs first, its options.</summary>
internal sealed class MySqlStart(DataFolder data)
{
    // A socket's path has room for 107 bytes.
    private const int LongestSocketPath = 100;

    public async Task<ServerArguments> PrepareAsync(MySqlServerResource server, ServerProgram program, Func<string, Task> tell, CancellationToken cancellationToken)
    {
        var flavor = await MySqlFlavor.DetectAsync(program, cancellationToken);
        var directory = new MySqlDataDirectory(data.Shared, program, flavor);
        var folder = data.ForServer(server.VolumeName(), flavor.FolderName);
        await FormerProcess.EndedAsync(Path.Combine(folder, "mysqld.pid"), folder, tell, cancellationToken);
        var content = Path.Combine(folder, "content");
        if (!Directory.Exists(content))
        {
            await tell("Creating the data folder.");
            var unfinished = DataFolder.CreatePrivate(content + ".new");
            Directory.Delete(unfinished, recursive: true);
            await directory.InitializeAsync(DataFolder.CreatePrivate(unfinished), cancellationToken);
            Directory.Move(unfinished, content);
        }

        var password = await server.PasswordParameter.GetValueAsync(cancellationToken);
        var initFile = Path.Combine(folder, "init.sql");
        PrivateFile.Write(initFile, MySqlInitFile.Compose(server, password!));
        var optionFile = Path.Combine(folder, "my.cnf");
        PrivateFile.Write(optionFile, Options(flavor, directory, content, initFile, folder, server.PrimaryEndpoint.Port));
        return new($"--defaults-file={optionFile}", directory.LocationArguments());
    }

    private static string Options(MySqlFlavor flavor, MySqlDataDirectory directory, string content, string initFile, string folder, int port)
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
            .. flavor.IsMariaDb ? [] : (string[])["mysqlx=OFF", "secure_file_priv=NULL"],
            .. MySqlDataDirectory.UserArguments.Append(directory.RedoLogArgument).Select(argument => argument[2..]),
        ];
        return $"[mysqld]\n{string.Join('\n', options)}\n";
    }
}
