using ValidonX.Hosting.MySql;
using ValidonX.Hosting.Servers;

namespace ValidonX.Tests.Servers;

/// <summary>
/// Which database server the tests run on: the <c>mysqld</c> that the environment variable <c>VALIDONX_MYSQLD</c> names, else the one that the
/// stack finds or obtains.
/// </summary>
internal static class DatabaseServerProgram
{
    private static readonly Lazy<(ServerProgram Program, MySqlFlavor Flavor)> Found = new(() =>
    {
        var program = ServerPrograms.MySql.GetAwaiter().GetResult();
        return (program, MySqlFlavor.DetectAsync(program, CancellationToken.None).GetAwaiter().GetResult());
    });

    private static MySqlDataDirectory DataDirectory => new(ServerPrograms.Shared, Found.Value.Program, Found.Value.Flavor);

    public static ServerProgram Program => Found.Value.Program;

    /// <summary>Whether it is MySQL itself and not MariaDB.</summary>
    public static bool IsMySql => !Found.Value.Flavor.IsMariaDb;

    /// <summary>Fills the folder with the files of a server that has never run.</summary>
    public static Task FillAsync(DirectoryInfo folder) => DataDirectory.InitializeAsync(folder.FullName, CancellationToken.None);

    /// <summary>Arguments of every start that belong to the kind of server.</summary>
    public static IReadOnlyList<string> Arguments =>
    [
        .. IsMySql ? (string[])["--mysqlx=OFF", "--innodb-redo-log-capacity=32M", "--secure-file-priv=NULL"] : ["--innodb-log-file-size=16M"],
        .. DataDirectory.LocationArguments(),
        .. MySqlDataDirectory.UserArguments,
    ];
}
