using Aspire.Hosting;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.Data;

/// <summary>
/// Where a server's data are: with a volume below the folder that the setting <c>VALIDONX_DATA</c> names, else in one that Aspire removes with the stack.
/// </summary>
internal sealed class ServerFolders(IDistributedApplicationBuilder builder, ServerResource server)
{
    private readonly string _kept = Path.GetFullPath(builder.Configuration["VALIDONX_DATA"] ?? ".validonx", builder.AppHostDirectory);
    private readonly Lazy<string> _temporary = new(() => builder.FileSystemService.TempDirectory.CreateTempSubdirectory("validonx-").Path);

    /// <summary>What all servers share: programs that were unpacked, empty data folders to copy.</summary>
    public string Shared => SharedBelow(_kept);

    public static string SharedBelow(string kept) => Path.Combine(kept, "shared");

    /// <summary>The folder of the server's data; made when it does not exist.</summary>
    /// <param name="flavor">What tells apart data that cannot be exchanged, such as MySQL's and MariaDB's.</param>
    public string ForData(string flavor) =>
        PrivateFiles.CreateFolder(Path.Combine(server.Volume is { } volume ? Path.Combine(_kept, "data", volume) : _temporary.Value, flavor));
}
