using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;

namespace ValidonX.Hosting.Servers;

/// <summary>The server of an earlier run: when an AppHost is killed, its servers need some seconds to end, and two on one folder destroy it.</summary>
internal static class FormerProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the process whose id the file holds, and whose command line holds the mark, has ended.</summary>
    /// <exception cref="DistributedApplicationException">It goes on and on.</exception>
    public static async Task EndedAsync(string pidFile, string mark, Func<string, Task> tell, CancellationToken cancellationToken)
    {
        if (Living(pidFile, mark) is not { } former)
            return;

        await tell($"Awaiting the end of the server of an earlier run (process {former}).");
        for (var waited = Stopwatch.StartNew(); Living(pidFile, mark) is { } id; await Task.Delay(Pulse, cancellationToken))
        {
            if (waited.Elapsed > Patience)
                throw new DistributedApplicationException($"Process {id} still uses the data in {Path.GetDirectoryName(pidFile)}: end it first.");
        }
    }

    private static int? Living(string pidFile, string mark)
    {
        try
        {
            var id = int.Parse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture);
            using var process = Process.GetProcessById(id);
            // An id is given again; where it can be asked, the command line tells whose it is. A dead process that nobody has buried has none.
            var lives = OperatingSystem.IsLinux() ? File.ReadAllText($"/proc/{id}/cmdline").Contains(mark, StringComparison.Ordinal) : !process.HasExited;
            return lives ? id : null;
        }
        catch (Exception gone) when (gone is IOException or FormatException or ArgumentException or InvalidOperationException)
        {
            return null;
        }
    }
}
