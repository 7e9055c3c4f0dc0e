using Aspire.Hosting;
using ValidonX.Hosting.Data;

namespace ValidonX.Hosting.Servers;

/// <summary>Unpacks servers from Debian or Ubuntu packages.</summary>
/// <remarks>
/// Nothing is installed: no root is needed, no package script runs, no system service starts. The package lists are the system's own, or
/// lists of our own where it has none.
/// </remarks>
/// <param name="folder">Where.</param>
/// <param name="tell">Hears what is done when it takes time.</param>
internal sealed class DebianPackages(string folder, Func<string, Task> tell)
{
    private readonly string _root = Path.Combine(folder, "root");
    private readonly string _archives = Path.Combine(folder, "cache", "archives");

    /// <summary>Whether this machine has such packages.</summary>
    public static bool AreHere => OperatingSystem.IsLinux() && SearchPath.Find("apt-get") is not null && SearchPath.Find("dpkg") is not null;

    /// <summary>Unpacks Redis, whose server Debian also ships in the package of its tools.</summary>
    /// <inheritdoc cref="ObtainAsync"/>
    public async Task<LocalProgram> RedisAsync(CancellationToken cancellationToken)
    {
        // Which of its trades the program plies it reads from the name it is called by. Installed or unpacked, it is reached by a link.
        var installed = SearchPath.Find("redis-check-rdb");
        var tool = installed is null ? await ObtainAsync("redis-tools", "usr/bin/redis-check-rdb", cancellationToken) : new(installed);
        var bin = Directory.CreateDirectory(Path.Combine(folder, "bin")).FullName;
        var server = Path.Combine(bin, "redis-server");
        // What was unpacked lies beside the link: a relative one holds wherever the folder is moved to, and by whichever name it is reached.
        var target = installed ?? Path.GetRelativePath(bin, tool.Path);
        using var _ = await LockAsync(cancellationToken);
        if (new FileInfo(server).LinkTarget != target)
        {
            // Replaced in one step: another stack may be starting the server this moment.
            var next = server + ".new";
            File.Delete(next);
            File.CreateSymbolicLink(next, target);
            File.Move(next, server, overwrite: true);
        }

        return tool with { Path = server };
    }

    /// <summary>Unpacks a package, and gives one of its programs.</summary>
    /// <param name="package">Its name.</param>
    /// <param name="program">Where the program is in it.</param>
    /// <exception cref="DistributedApplicationException">It cannot be had; the message says why and what to do.</exception>
    public async Task<LocalProgram> ObtainAsync(string package, string program, CancellationToken cancellationToken)
    {
        using var _ = await LockAsync(cancellationToken);
        var path = Path.Combine(_root, program);
        if (!File.Exists(path))
        {
            await tell($"Downloading {package}, because no server was found on this machine; it is unpacked into {_root}, nothing is installed.");
            await DownloadAsync(package, cancellationToken);
            // The package itself comes last: its program tells later starts that everything is there.
            foreach (var archive in Archives().OrderBy(archive => Path.GetFileName(archive).StartsWith($"{package}_", StringComparison.Ordinal)))
            {
                var (exitCode, output) = await RunAsync("dpkg", ["-x", archive, _root], cancellationToken);
                if (exitCode != 0)
                    throw new DistributedApplicationException($"The package {Path.GetFileName(archive)} cannot be unpacked: {output}");

                File.Delete(archive);
            }
        }

        // Libraries lie in a folder for each kind of processor, or beside those folders.
        var libraries = ((string[])["usr/lib", "lib"]).Select(below => Path.Combine(_root, below)).Where(Directory.Exists)
            .SelectMany(below => Directory.EnumerateDirectories(below, "*-linux-gnu*").Append(below));
        return File.Exists(path)
            ? new(path, string.Join(':', libraries))
            : throw new DistributedApplicationException($"The package {package} does not hold {program}.");
    }

    private Task<IDisposable> LockAsync(CancellationToken cancellationToken) => SharedFolderLock.TakeAsync(Path.Combine(folder, "lock"), cancellationToken);

    private string[] Archives() => Directory.GetFiles(_archives, "*.deb");

    private async Task DownloadAsync(string package, CancellationToken cancellationToken)
    {
        string[] folders = [_root, Path.Combine(_archives, "partial"), Path.Combine(folder, "lists", "partial")];
        Array.ForEach(folders, path => Directory.CreateDirectory(path));
        // The private cache and the switched-off locks let anyone download, whoever else uses apt meanwhile.
        string[] options = ["-qq", "-oDebug::NoLocking=1", "-oAPT::Sandbox::User=", $"-oDir::Cache={Path.Combine(folder, "cache")}", "-oAcquire::Retries=2"];
        string[] ownLists = [.. options, $"-oDir::State::lists={Path.Combine(folder, "lists")}"];
        if (await TryAsync(options) || await TryAsync(ownLists))
            return;

        await tell("Refreshing the package lists.");
        await RunAsync("apt-get", [.. ownLists, "update"], cancellationToken);
        if (!await TryAsync(ownLists))
        {
            throw new DistributedApplicationException(
                $"The package {package} cannot be downloaded; check the network and apt's sources, or install it with 'sudo apt-get install {package}'.");
        }

        // Apt also calls it a success when it knows of nothing to download.
        async Task<bool> TryAsync(string[] options)
        {
            string[] arguments = [.. options, "install", "--reinstall", "--yes", "--no-install-recommends", "--download-only", package];
            return (await RunAsync("apt-get", arguments, cancellationToken)).ExitCode == 0 && Archives().Length > 0;
        }
    }

    private static Task<(int ExitCode, string Output)> RunAsync(string program, string[] arguments, CancellationToken cancellationToken) =>
        new LocalProgram(SearchPath.Find(program)!).RunAsync(arguments, cancellationToken);
}
