using System.Runtime.InteropServices;
using Aspire.Hosting;
using ValidonX.Hosting.Data;

namespace ValidonX.Hosting.Servers;

/// <summary>Unpacks servers from Debian or Ubuntu packages into a folder of this checkout.</summary>
/// <remarks>
/// Nothing is installed: no root is needed, no package script runs, no system service starts. The package lists are the system's own, or
/// lists of our own where it has none.
/// </remarks>
internal sealed class DebianPackages
{
    private static readonly Dictionary<string, string> NoVariables = [];

    private readonly string _folder;
    private readonly string _root;
    private readonly Func<string, Task> _tell;

    private DebianPackages(string folder, Func<string, Task> tell)
    {
        _folder = folder;
        _root = Path.Combine(folder, "root");
        _tell = tell;
    }

    /// <summary>The packages of this machine; null where it has no such packages.</summary>
    public static DebianPackages? TryUse(string folder, Func<string, Task> tell) =>
        OperatingSystem.IsLinux() && SearchPath.Find("apt-get") is not null && SearchPath.Find("dpkg") is not null ? new(folder, tell) : null;

    /// <summary>Unpacks MariaDB.</summary>
    /// <exception cref="DistributedApplicationException">It cannot be had; the message says why and what to do.</exception>
    public Task<ServerProgram> MariaDbAsync(CancellationToken cancellationToken) =>
        ObtainAsync("mariadb-server-core", ["usr/sbin/mariadbd", "usr/sbin/mysqld"], cancellationToken);

    /// <summary>Unpacks Redis, whose server Debian also ships in the package of its tools.</summary>
    /// <inheritdoc cref="MariaDbAsync"/>
    public async Task<ServerProgram> RedisAsync(CancellationToken cancellationToken)
    {
        // Which of its trades the program plies it reads from the name it is called by. Installed or unpacked, it is reached by a link.
        var tool = SearchPath.Find("redis-check-rdb") is { } installed
            ? new ServerProgram(installed)
            : await ObtainAsync("redis-tools", ["usr/bin/redis-check-rdb", "usr/bin/redis-server"], cancellationToken);
        var bin = Directory.CreateDirectory(Path.Combine(_folder, "bin")).FullName;
        var server = Path.Combine(bin, "redis-server");
        // What was unpacked lies beside the link: a relative one holds wherever the folder is moved to, and by whichever name it is reached.
        var target = tool.Path.StartsWith(_root, StringComparison.Ordinal) ? Path.GetRelativePath(bin, tool.Path) : tool.Path;
        using var _ = await SharedFolderLock.TakeAsync(Path.Combine(_folder, "lock"), cancellationToken);
        if (new FileInfo(server).LinkTarget != target)
        {
            // Replaced in one step: another stack may be starting the server this moment.
            var next = $"{server}.{Guid.NewGuid():N}";
            File.CreateSymbolicLink(next, target);
            File.Move(next, server, overwrite: true);
        }

        return tool with { Path = server };
    }

    /// <summary>Unpacks a package, and gives the first of its programs that is there.</summary>
    /// <param name="package">Its name.</param>
    /// <param name="programs">Where they are in it.</param>
    /// <inheritdoc cref="MariaDbAsync"/>
    public async Task<ServerProgram> ObtainAsync(string package, string[] programs, CancellationToken cancellationToken)
    {
        using var _ = await SharedFolderLock.TakeAsync(Path.Combine(_folder, "lock"), cancellationToken);
        if (Find(programs) is { } unpacked)
            return unpacked;

        await _tell($"Downloading {package}, because no server was found on this machine; it is unpacked into {_root}, nothing is installed.");
        foreach (var folder in (string[])["lists/partial", "cache/archives/partial", "root"])
            Directory.CreateDirectory(Path.Combine(_folder, folder));

        if (!await DownloadAsync(package, ownLists: false, cancellationToken) && !await DownloadAsync(package, ownLists: true, cancellationToken))
        {
            await _tell("Refreshing the package lists.");
            await AptAsync(["update"], ownLists: true, cancellationToken);
            if (!await DownloadAsync(package, ownLists: true, cancellationToken))
            {
                throw new DistributedApplicationException(
                    $"The package {package} cannot be downloaded; check the network and apt's sources, or install it with 'sudo apt-get install {package}'.");
            }
        }

        foreach (var archive in Archives())
        {
            var (exitCode, output) = await Command.RunAsync("dpkg", ["-x", archive, _root], NoVariables, cancellationToken);
            if (exitCode != 0)
                throw new DistributedApplicationException($"The package {Path.GetFileName(archive)} cannot be unpacked: {output}");

            File.Delete(archive);
        }

        return Find(programs)
            ?? throw new DistributedApplicationException($"The package {package} holds none of {string.Join(", ", programs)}.");
    }

    private ServerProgram? Find(string[] programs)
    {
        var path = programs.Select(program => Path.Combine(_root, program)).FirstOrDefault(File.Exists);
        return path is null ? null : new(path, string.Join(':', LibraryFolders().Select(folder => Path.Combine(_root, folder))));
    }

    private string[] Archives() => Directory.GetFiles(Path.Combine(_folder, "cache", "archives"), "*.deb");

    // Apt also calls it a success when it knows of nothing to download.
    private async Task<bool> DownloadAsync(string package, bool ownLists, CancellationToken cancellationToken) =>
        await AptAsync(["install", "--reinstall", "--yes", "--no-install-recommends", "--download-only", package], ownLists, cancellationToken)
        && Archives().Length > 0;

    // The private cache and the switched-off locks let anyone download, whoever else uses apt meanwhile.
    private async Task<bool> AptAsync(string[] arguments, bool ownLists, CancellationToken cancellationToken)
    {
        List<string> options =
        [
            "-qq", "-oDebug::NoLocking=1", "-oAPT::Sandbox::User=", $"-oDir::Cache={Path.Combine(_folder, "cache")}",
            "-oAcquire::Retries=2",
        ];
        if (ownLists)
            options.Add($"-oDir::State::lists={Path.Combine(_folder, "lists")}");

        var (exitCode, _) = await Command.RunAsync("apt-get", [.. options, .. arguments], NoVariables, cancellationToken);
        return exitCode == 0;
    }

    private static string[] LibraryFolders()
    {
        var triplet = RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "x86_64-linux-gnu",
            Architecture.Arm64 => "aarch64-linux-gnu",
            Architecture.Arm => "arm-linux-gnueabihf",
            var other => $"{other.ToString().ToLowerInvariant()}-linux-gnu",
        };
        return [$"usr/lib/{triplet}", $"lib/{triplet}", "usr/lib"];
    }
}
