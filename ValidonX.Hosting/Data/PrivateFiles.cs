namespace ValidonX.Hosting.Data;

/// <summary>Folders and files that only their owner can read.</summary>
internal static class PrivateFiles
{
    /// <summary>Makes a folder when it does not exist; its path.</summary>
    public static string CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        return path;
    }

    /// <summary>Writes a file as a whole: a reader sees the old content or the new, never half of it.</summary>
    public static void Write(string path, string content)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        using (var writer = new StreamWriter(temporary, options))
            writer.Write(content);

        File.Move(temporary, path, overwrite: true);
    }
}
