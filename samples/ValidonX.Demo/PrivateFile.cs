using System.Text;

namespace ValidonX.Demo;

/// <summary>Files that only their owner can read, replaced as a whole.</summary>
internal static class PrivateFile
{
    /// <summary>Writes a file; a reader sees the old text or the new, never a half.</summary>
    public static void Write(string file, string text)
    {
        var draft = file + ".new";
        File.Delete(draft);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using (var stream = new FileStream(draft, options))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
        }

        File.Move(draft, file, overwrite: true);
    }
}
