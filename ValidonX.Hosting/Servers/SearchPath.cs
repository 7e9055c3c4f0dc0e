namespace ValidonX.Hosting.Servers;

/// <summary>Finds programs.</summary>
internal static class SearchPath
{
    private static readonly string[] UsualFolders =
        ["/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin", "/opt/homebrew/sbin", "/usr/libexec", "/sbin", "/bin"];

    /// <summary>The full path of the first of the programs that is found; null when none is.</summary>
    public static string? Find(params ReadOnlySpan<string> programs)
    {
        string[] extensions = OperatingSystem.IsWindows() ? [".exe", ".cmd", ".bat"] : [""];
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var program in programs)
        {
            foreach (var folder in folders.Concat(UsualFolders))
            {
                foreach (var extension in extensions)
                {
                    var path = Path.Combine(folder, program + extension);
                    if (File.Exists(path))
                        return path;
                }
            }
        }

        return null;
    }
}
