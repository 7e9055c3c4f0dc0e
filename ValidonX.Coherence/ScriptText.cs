namespace ValidonX.Coherence;

/// <summary>Lua scripts kept as files beside the code that runs them.</summary>
internal static class ScriptText
{
    /// <summary>Reads files of the folder of <paramref name="beside"/>, embedded in its assembly, and puts them one after the other.</summary>
    public static string Load(Type beside, params ReadOnlySpan<string> files)
    {
        var text = "";
        foreach (var file in files)
        {
            using var stream = beside.Assembly.GetManifestResourceStream(beside, file)
                ?? throw new InvalidOperationException($"The script {file} is not embedded beside {beside.FullName}.");
            using var reader = new StreamReader(stream);
            text += reader.ReadToEnd() + "\n";
        }

        return text;
    }
}
