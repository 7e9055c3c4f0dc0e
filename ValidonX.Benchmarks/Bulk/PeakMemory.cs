using System.Globalization;

namespace ValidonX.Benchmarks.Bulk;

/// <summary>The most memory that a process has had resident since it was last asked to forget, as Linux keeps it.</summary>
internal sealed class PeakMemory(int? processId)
{
    /// <summary>Forgets what was before; nothing where there is no such file.</summary>
    public void Reset()
    {
        if (processId is { } id && File.Exists(Path(id, "clear_refs")))
        {
            File.WriteAllText(Path(id, "clear_refs"), "5");
        }
    }

    /// <summary>In MiB; NaN where it is not told.</summary>
    public double Read() =>
        processId is { } id && File.Exists(Path(id, "status"))
            ? double.Parse(
                File.ReadLines(Path(id, "status")).Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024
            : double.NaN;

    private static string Path(int id, string file) => string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/{file}");
}
