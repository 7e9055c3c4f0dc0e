using System.Diagnostics;
using System.Globalization;

namespace ValidonX.Tests.Servers;

/// <summary>POSIX signals to processes that the tests started.</summary>
internal static class Signals
{
    public static Task SendAsync(Process process, string signal) => SendAsync(process.Id, signal);

    public static async Task SendAsync(int processId, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", processId.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
