using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Data;

/// <summary>The one folder that holds everything a stack writes: data, generated secrets, logs.</summary>
/// <remarks>
/// A kept folder belongs to one running stack at a time. A temporary one, as tests use it, is made for one run and removed after it.
/// </remarks>
internal sealed class DataFolder : IDisposable
{
    /// <summary>The configuration key (and environment variable) that names another folder.</summary>
    public const string PathKey = "VALIDONX_DATA";

    /// <summary>The configuration key that asks for a temporary folder.</summary>
    public const string TemporaryKey = "NativeHosting:TemporaryData";

    private const string HolderFile = "pid";

    private readonly Lazy<SecretStore> _secrets;
    private FileStream? _lock;

    private DataFolder(string root, string shared, bool isTemporary)
    {
        Root = root;
        Shared = shared;
        IsTemporary = isTemporary;
        _secrets = new(() => new SecretStore(Path.Combine(CreateRoot(), "secrets.json")));
    }

    /// <summary>The folder's full path.</summary>
    public string Root { get; }

    /// <summary>The folder for what all stacks of this checkout may share: unpacked servers, empty data folders to copy.</summary>
    public string Shared { get; }

    /// <summary>Whether the folder is removed when the stack ends.</summary>
    public bool IsTemporary { get; }

    /// <summary>The secrets that were generated once and are kept.</summary>
    public SecretStore Secrets => _secrets.Value;

    /// <summary>The folder that configuration asks for: one beside the AppHost's, unless it says otherwise.</summary>
    public static DataFolder Open(IConfiguration configuration, string appHostDirectory)
    {
        var repository = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(appHostDirectory))) ?? appHostDirectory;
        var root = configuration[PathKey] is { Length: > 0 } path ? Path.GetFullPath(path) : Path.Combine(repository, ".validonx");
        var isTemporary = configuration.GetValue<bool>(TemporaryKey);
        return new(isTemporary ? Directory.CreateTempSubdirectory("validonx-").FullName : root, Path.Combine(root, "shared"), isTemporary);
    }

    /// <summary>The folder of a stack that is being described.</summary>
    public static DataFolder Of(IDistributedApplicationBuilder builder) =>
        (DataFolder)builder.Services.Last(service => service.ServiceType == typeof(DataFolder)).ImplementationInstance!;

    /// <summary>Takes the folder for this stack alone.</summary>
    /// <exception cref="DistributedApplicationException">Another stack has it.</exception>
    public void Acquire()
    {
        var path = Path.Combine(CreateRoot(), "lock");
        var holder = Path.Combine(Root, HolderFile);
        try
        {
            _lock = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            var process = File.Exists(holder) ? $" (process {File.ReadAllText(holder)})" : "";
            throw new DistributedApplicationException(
                $"Another stack{process} already runs on the data in {Root}: stop it first, or give this one a folder of its own with {PathKey}=/path.");
        }

        File.WriteAllText(holder, Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>The folder of one resource; made when it does not exist.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="flavor">What tells apart data that cannot be exchanged, such as MySQL's and MariaDB's.</param>
    /// <param name="isKept">Whether it was there already.</param>
    public string ForResource(IResource resource, string flavor, out bool isKept)
    {
        var volume = resource.TryGetLastAnnotation<DataVolumeAnnotation>(out var kept) ? kept.Volume : null;
        var path = volume is null
            ? Path.Combine(Root, "session", resource.Name, flavor)
            : Path.Combine(Root, "data", volume, flavor);
        isKept = Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any();
        return CreatePrivate(path);
    }

    /// <summary>A folder for logs, short-lived configuration and the like.</summary>
    public string ForPurpose(string purpose) => CreatePrivate(Path.Combine(Root, purpose));

    /// <summary>Lets go of the folder, and removes what is not to be kept.</summary>
    public void Dispose()
    {
        if (_lock is not null || IsTemporary)
            Remove(IsTemporary ? Root : Path.Combine(Root, "session"));

        if (_lock is not null && !IsTemporary)
            File.Delete(Path.Combine(Root, HolderFile));

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
            if (Directory.Exists(path))
                Directory.Delete(path, recursive: true);
        }
        catch (IOException)
        {
            // A file that something still holds is not worth failing over; the system's own clean-up takes it.
        }
    }

    private string CreateRoot() => CreatePrivate(Root);
}
