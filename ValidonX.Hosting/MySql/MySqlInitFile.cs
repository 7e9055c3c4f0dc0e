using System.Text;
using Aspire.Hosting;

namespace ValidonX.Hosting.MySql;

/// <summary>The statements that a server runs at each start, before it accepts the first connection.</summary>
/// <remarks>They set the password of <c>root</c> to the present one, whatever it was, and create the databases that do not exist yet.</remarks>
internal static class MySqlInitFile
{
    public static string Compose(MySqlServerResource server, string password)
    {
        var script = new StringBuilder();
        foreach (var host in (string[])["localhost", "%"])
        {
            script.Append("CREATE USER IF NOT EXISTS 'root'@'").Append(host).Append("' IDENTIFIED BY ").Append(Quote(password)).Append(";\n")
                .Append("ALTER USER 'root'@'").Append(host).Append("' IDENTIFIED BY ").Append(Quote(password)).Append(";\n")
                .Append("GRANT ALL PRIVILEGES ON *.* TO 'root'@'").Append(host).Append("' WITH GRANT OPTION;\n");
        }

        foreach (var database in server.Databases)
        {
            script.Append("CREATE DATABASE IF NOT EXISTS `").Append(database.DatabaseName.Replace("`", "``", StringComparison.Ordinal))
                .Append("` CHARACTER SET utf8mb4;\n");
        }

        return script.ToString();
    }

    // The server reads the file line by line, so a text must not contain one's end.
    private static string Quote(string text) => text.Any(char.IsControl)
        ? throw new DistributedApplicationException("The MySQL password contains a control character; choose another.")
        : $"'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'";
}
