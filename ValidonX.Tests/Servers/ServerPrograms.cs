using ValidonX.Hosting.Data;
using ValidonX.Hosting.Servers;

namespace ValidonX.Tests.Servers;

/// <summary>The servers that the tests run on: those that the stack finds, or obtains, with what it keeps of them.</summary>
internal static class ServerPrograms
{
    private static readonly ServerCatalog Catalog = new(Environment.GetEnvironmentVariable, Shared);
    private static readonly Lazy<Task<ServerProgram>> FoundMySql = new(() => Catalog.MySqlAsync(TellAsync, CancellationToken.None));
    private static readonly Lazy<Task<ServerProgram>> FoundRedis = new(() => Catalog.RedisAsync(TellAsync, CancellationToken.None));

    /// <summary>The folder of what all stacks of this checkout share.</summary>
    public static string Shared =>
        DataFolder.SharedBelow(DataFolder.PathFor(Environment.GetEnvironmentVariable, Projects.ValidonX_AppHost.ProjectPath));

    /// <summary>The MySQL-compatible server.</summary>
    public static Task<ServerProgram> MySql => FoundMySql.Value;

    /// <summary>The Redis server.</summary>
    public static Task<ServerProgram> Redis => FoundRedis.Value;

    private static Task TellAsync(string what) => Console.Error.WriteLineAsync(what);
}
