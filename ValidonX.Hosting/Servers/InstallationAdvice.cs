namespace ValidonX.Hosting.Servers;

/// <summary>The one command that installs the servers on this machine.</summary>
internal static class InstallationAdvice
{
    private static readonly (string Manager, string Command)[] Commands =
    [
        ("brew", "brew install mariadb redis"),
        ("apt-get", "sudo apt-get install mariadb-server-core redis-tools"),
        ("dnf", "sudo dnf install mariadb-server redis"),
        ("zypper", "sudo zypper install mariadb redis"),
        ("pacman", "sudo pacman -S mariadb redis"),
        ("apk", "sudo apk add mariadb redis"),
        ("winget", "winget install MariaDB.Server && winget install Redis.Redis"),
    ];

    public static string Command => Commands.FirstOrDefault(entry => SearchPath.Find(entry.Manager) is not null).Command is { } command
        ? $"install it with '{command}'"
        : "install MariaDB (or MySQL) and Redis";
}
