using System.Text.RegularExpressions;
using Aspire.Hosting;
using ValidonX.Hosting.Servers;

namespace ValidonX.Hosting.MySql;

/// <summary>Which of the MySQL-compatible servers a program is.</summary>
/// <param name="IsMariaDb">Whether it is MariaDB; MySQL otherwise.</param>
/// <param name="Version">Its version, such as 10.11.</param>
internal sealed partial record MySqlFlavor(bool IsMariaDb, Version Version)
{
    private static readonly Version OldestMariaDb = new(10, 6);
    private static readonly Version OldestMySql = new(8, 0);

    /// <summary>The name of the folder for its data: major versions cannot read each other's reliably.</summary>
    public string FolderName => $"{(IsMariaDb ? "mariadb" : "mysql")}-{Version.Major}";

    [GeneratedRegex(@"Ver (?<version>\d+\.\d+)", RegexOptions.CultureInvariant)]
    private static partial Regex VersionForm { get; }

    /// <summary>Asks the program what it is.</summary>
    /// <exception cref="DistributedApplicationException">It does not say, or is too old.</exception>
    public static async Task<MySqlFlavor> DetectAsync(LocalProgram program, CancellationToken cancellationToken)
    {
        var (exitCode, output) = await program.RunAsync(["--no-defaults", "--version"], cancellationToken);
        var match = VersionForm.Match(output);
        if (exitCode != 0 || !match.Success)
            throw new DistributedApplicationException($"{program.Path} does not run as a MySQL-compatible server: {output}");

        var flavor = new MySqlFlavor(output.Contains("MariaDB", StringComparison.OrdinalIgnoreCase), Version.Parse(match.Groups["version"].Value));
        var oldest = flavor.IsMariaDb ? OldestMariaDb : OldestMySql;
        return flavor.Version >= oldest
            ? flavor
            : throw new DistributedApplicationException($"{program.Path} is version {flavor.Version}; at least {oldest} is needed.");
    }
}
