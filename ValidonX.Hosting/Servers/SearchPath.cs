namespace ValidonX.Hosting.Servers;

/// <summary>Finds programs.</summary>
internal static class SearchPath
{
    private static readonly string[] UsualFolders =
        ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "/opt/homebrew/sbin", "/usr/libexec", "/sbin", "/bin"];
    private static readonly string[] Extensions = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];

    /// <summary>The full path of the first of the programs that is found; null when none is.</summary>
    public static string? Find(params IEnumerable<string> programs)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Concat(UsualFolders);
        var paths = from program in programs from folder in folders from extension in Extensions select Path.Combine(folder, program + extension);
        return paths.FirstOrDefault(File.Exists);
    }
}
