using System.Diagnostics;
using System.Globalization;
using Aspire.Hosting;

namespace ValidonX.Hosting.Servers;

/// <summary>The server of an earlier run: when an AppHost is killed, its servers need some seconds to end, and two on one folder destroy it.</summary>
internal static class FormerProcess
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the process whose id the file holds, and whose command line names the folder, has ended.</summary>
    /// <exception cref="DistributedApplicationException">It goes on and on.</exception>
    public static async Task EndedAsync(string pidFile, string folder, Func<string, Task> tell, CancellationToken cancellationToken)
    {
        if (!Lives(pidFile, folder, out var id))
            return;

        await tell($"Awaiting the end of the server of an earlier run (process {id}).");
        var waited = Stopwatch.StartNew();
        while (Lives(pidFile, folder, out id))
        {
            if (waited.Elapsed > Patience)
                throw new DistributedApplicationException($"Process {id} still uses the data in {folder}: end it first.");

            await Task.Delay(Pulse, cancellationToken);
        }
    }

    private static bool Lives(string pidFile, string folder, out int id)
    {
        id = 0;
        try
        {
            if (!File.Exists(pidFile) || !int.TryParse(File.ReadAllText(pidFile), CultureInfo.InvariantCulture, out id))
                return false;

            using var process = Process.GetProcessById(id);
            // An id is given again; where it can be asked, the command line tells whose it is. A dead process that nobody has buried has none.
            return OperatingSystem.IsLinux()
                ? File.ReadAllText($"/proc/{id}/cmdline").Contains(folder, StringComparison.Ordinal)
                : !process.HasExited;
        }
        catch (Exception gone) when (gone is ArgumentException or IOException or InvalidOperationException)
        {
            return false;
        }
    }
}
