using System.Runtime.CompilerServices;

namespace ValidonX.Tests;

/// <summary>Files of the repository that are made from the code. A test fails when one is not what the code makes now.</summary>
internal static class RepositoryFile
{
    /// <summary>Set to <c>1</c>, it makes the tests write the files instead of comparing them.</summary>
    private const string WriteVariable = "VALIDONX_WRITE_DOCS";

    /// <summary>Compares a file with what it should be.</summary>
    /// <param name="path">From the repository's root.</param>
    /// <param name="content">What the code makes, with line feeds.</param>
    public static void ShouldBe(string path, string content)
    {
        var file = Path.Combine(Root(), path);
        if (Environment.GetEnvironmentVariable(WriteVariable) == "1")
        {
            File.WriteAllText(file, content);
        }

        var stands = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        Assert.True(stands == content, $"{path} is not what the code makes. Run the test with {WriteVariable}=1 and commit the file.");
    }

    /// <summary>A file's text, with line feeds.</summary>
    /// <param name="path">From the repository's root.</param>
    public static string Read(string path) => File.ReadAllText(PathOf(path)).ReplaceLineEndings("\n");

    /// <summary>Where a file is on this machine.</summary>
    /// <param name="path">From the repository's root.</param>
    public static string PathOf(string path) => Path.Combine(Root(), path);

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, ".."));
}
