using ValidonX.Hosting.MySql;
using ValidonX.Hosting.Servers;

namespace ValidonX.Tests.Servers;

/// <summary>
/// Which database server the tests run on: the <c>mysqld</c> that the environment variable <c>VALIDONX_MYSQLD</c> names, else the one that the
/// stack finds or obtains.
/// </summary>
internal static class DatabaseServerProgram
{
    private static readonly Lazy<(LocalProgram Program, MySqlFlavor Flavor)> Found = new(() =>
    {
        var program = ServerPrograms.MySql.GetAwaiter().GetResult();
        return (program, MySqlFlavor.DetectAsync(program, CancellationToken.None).GetAwaiter().GetResult());
    });

    private static MySqlDataDirectory DataDirectory => new(ServerPrograms.Shared, Found.Value.Program, Found.Value.Flavor);

    public static LocalProgram Program => Found.Value.Program;

    /// <summary>Whether it is MySQL itself and not MariaDB.</summary>
    public static bool IsMySql => !Found.Value.Flavor.IsMariaDb;

    /// <summary>Makes the data folder of a server that has never run.</summary>
    public static Task CreateDataAsync(DirectoryInfo folder) => DataDirectory.CreateAsync(folder.FullName, CancellationToken.None);

    /// <summary>Arguments of every start that belong to the kind of server, with a redo log that suits many of them.</summary>
    public static IReadOnlyList<string> Arguments =>
        [.. DataDirectory.Arguments, IsMySql ? "--innodb-redo-log-capacity=32M" : "--innodb-log-file-size=16M"];
}
