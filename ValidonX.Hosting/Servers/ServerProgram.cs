namespace ValidonX.Hosting.Servers;

/// <summary>A server's program on this machine.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="LibraryPath">The folders of its libraries, when they are not where the system looks; null otherwise.</param>
internal sealed record ServerProgram(string Path, string? LibraryPath = null)
{
    /// <summary>The variables that the program needs to find its libraries.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; } =
        LibraryPath is null ? new Dictionary<string, string>() : new() { ["LD_LIBRARY_PATH"] = LibraryPath };
}
