using ValidonX.AppHost.Data;
using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Tests.Servers;

/// <summary>The servers that the tests run on: those that the stack finds, or obtains, with what it keeps of them.</summary>
internal static class ServerPrograms
{
    private static readonly ServerCatalog Catalog = new(Environment.GetEnvironmentVariable, Shared, Console.Error.WriteLineAsync);
    private static readonly Lazy<Task<LocalProgram>> FoundMySql = new(() => Catalog.MySqlAsync(CancellationToken.None));
    private static readonly Lazy<Task<LocalProgram>> FoundRedis = new(() => Catalog.RedisAsync(CancellationToken.None));

    /// <summary>The folder of what all stacks of this checkout share.</summary>
    public static string Shared =>
        ServerFolders.SharedBelow(DataFolder.PathFor(Environment.GetEnvironmentVariable, Projects.ValidonX_AppHost.ProjectPath));

    /// <summary>The MySQL-compatible server.</summary>
    public static Task<LocalProgram> MySql => FoundMySql.Value;

    /// <summary>The Redis server.</summary>
    public static Task<LocalProgram> Redis => FoundRedis.Value;
}
