using System.Globalization;
using System.Runtime.CompilerServices;
using Aspire.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace ValidonX.Hosting.Data;

/// <summary>The one folder that holds everything a stack writes: data, generated secrets, the demo's credentials.</summary>
/// <remarks>
/// A kept folder belongs to one running stack at a time. A temporary one, as tests use it, is made for one run and removed after it.
/// </remarks>
public sealed class DataFolder : IDisposable
{
    /// <summary>The configuration key (and environment variable) that names another folder.</summary>
    public const string PathKey = "VALIDONX_DATA";

    /// <summary>The configuration key that says whether data outlive the run.</summary>
    public const string KeepKey = "Stack:KeepData";

    private static readonly ConditionalWeakTable<IServiceCollection, DataFolder> Known = [];

    private readonly Lazy<string> _root;
    private readonly string _kept;
    private FileStream? _lock;

    private DataFolder(string path, bool isKept)
    {
        IsKept = isKept;
        _kept = path;
        _root = new(() => isKept ? CreatePrivate(path) : Directory.CreateTempSubdirectory("validonx-").FullName);
        Secrets = new(this);
    }

    /// <summary>The folder's full path; made when it does not exist.</summary>
    public string Root => _root.Value;

    /// <summary>Whether the folder outlives the run.</summary>
    public bool IsKept { get; }

    /// <summary>The secrets that were generated once and are kept beside the data that they open.</summary>
    public GeneratedSecrets Secrets { get; }

    /// <summary>The folder for what all stacks of this checkout share: unpacked servers, empty data folders to copy.</summary>
    internal string Shared => SharedBelow(_kept);

    /// <summary>
    /// The folder of the stack that is being described: one beside the AppHost's, unless <see cref="PathKey"/> says otherwise. It is kept when
    /// <see cref="KeepKey"/> asks for it, and by default when the AppHost is what was started; a test that starts the AppHost's stack gets a
    /// temporary one.
    /// </summary>
    public static DataFolder Of(IDistributedApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (Known.TryGetValue(builder.Services, out var known))
            return known;

        var isStartedItself = !builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts");
        var data = new DataFolder(PathFor(key => builder.Configuration[key], builder.AppHostDirectory), builder.Configuration.GetValue(KeepKey, isStartedItself));
        Known.Add(builder.Services, data);
        builder.Services.AddSingleton(_ => data);
        builder.OnBeforeStart((start, _) =>
        {
            // Asked for, so that the container disposes it with the stack.
            start.Services.GetRequiredService<DataFolder>().Acquire();
            return Task.CompletedTask;
        });
        return data;
    }

    internal static string SharedBelow(string path) => Path.Combine(path, "shared");

    internal static string PathFor(Func<string, string?> setting, string appHostDirectory) =>
        setting(PathKey) is { Length: > 0 } path
            ? Path.GetFullPath(path)
            : Path.GetFullPath(Path.Combine(appHostDirectory, "..", ".validonx"));

    /// <summary>The folder of one server's data; made when it does not exist.</summary>
    /// <param name="name">The volume's name, or the server's.</param>
    /// <param name="flavor">What tells apart data that cannot be exchanged, such as MySQL's and MariaDB's.</param>
    internal string ForServer(string name, string flavor) => CreatePrivate(Path.Combine(Root, "data", name, flavor));

    /// <summary>Takes the folder for this stack alone.</summary>
    /// <exception cref="DistributedApplicationException">Another stack has it, or it has lost its secrets.</exception>
    internal void Acquire()
    {
        if (!IsKept)
            return;

        var holder = Path.Combine(Root, "pid");
        try
        {
            _lock = new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            var process = File.Exists(holder) ? $" (process {File.ReadAllText(holder)})" : "";
            throw new DistributedApplicationException(
                $"Another stack{process} already runs on the data in {Root}: stop it first, or give this one a folder of its own with {PathKey}=/path.");
        }

        File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Lets go of the folder, and removes what is not to be kept.</summary>
    public void Dispose()
    {
        if (!IsKept && _root.IsValueCreated)
            Remove(Root);

        _lock?.Dispose();
        _lock = null;
    }

    internal static string CreatePrivate(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        return path;
    }

    private static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception held) when (held is IOException or UnauthorizedAccessException)
        {
            // A file that something still holds is not worth failing over; the system's own clean-up takes it.
        }
    }
}
