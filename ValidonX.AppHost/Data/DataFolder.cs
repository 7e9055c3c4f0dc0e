using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.Hosting.Data;

namespace ValidonX.AppHost.Data;

/// <summary>The one folder that holds everything a stack writes: data, generated secrets, the demo's credentials.</summary>
/// <remarks>
/// A kept folder belongs to one running stack at a time. A temporary one, as tests use it, is made for one run, and Aspire removes it after it.
/// </remarks>
internal sealed class DataFolder : IDisposable
{
    /// <summary>The configuration key (and environment variable) that names another folder.</summary>
    public const string PathKey = "VALIDONX_DATA";

    /// <summary>The configuration key that says whether data outlive the run.</summary>
    public const string KeepKey = "Stack:KeepData";

    private FileStream? _lock;

    private DataFolder(string root, bool isKept)
    {
        (Root, IsKept) = (root, isKept);
        Secrets = new(root);
    }

    /// <summary>The folder's full path.</summary>
    public string Root { get; }

    /// <summary>Whether the folder outlives the run.</summary>
    public bool IsKept { get; }

    /// <summary>The secrets that were generated once and are kept beside the data that they open.</summary>
    public GeneratedSecrets Secrets { get; }

    /// <summary>
    /// Gives the stack that is being described its folder: one beside the AppHost's, unless <see cref="PathKey"/> says otherwise. It is kept when
    /// <see cref="KeepKey"/> asks for it, and by default when the AppHost is what was started; a test that starts the AppHost's stack gets a
    /// temporary one.
    /// </summary>
    public static DataFolder AddTo(IDistributedApplicationBuilder builder)
    {
        var path = PathFor(key => builder.Configuration[key], builder.AppHostDirectory);
        // Servers that are processes ask for it.
        builder.Configuration[PathKey] = path;
        var isStartedItself = !builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts");
        var isKept = builder.Configuration.GetValue(KeepKey, isStartedItself);
        var root = isKept ? PrivateFiles.CreateFolder(path) : builder.FileSystemService.TempDirectory.CreateTempSubdirectory("validonx-").Path;
        var data = new DataFolder(root, isKept);
        builder.Services.AddSingleton(_ => data);
        builder.OnBeforeStart((start, _) =>
        {
            // Asked for, so that the container disposes it with the stack.
            start.Services.GetRequiredService<DataFolder>().Acquire();
            return Task.CompletedTask;
        });
        return data;
    }

    internal static string PathFor(Func<string, string?> setting, string appHostDirectory) =>
        setting(PathKey) is { Length: > 0 } path
            ? Path.GetFullPath(path)
            : Path.GetFullPath(Path.Combine(appHostDirectory, "..", ".validonx"));

    /// <summary>Lets another stack have the folder.</summary>
    public void Dispose() => _lock?.Dispose();

    /// <summary>Takes the folder for this stack alone.</summary>
    /// <exception cref="DistributedApplicationException">Another stack has it.</exception>
    private void Acquire()
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
}
