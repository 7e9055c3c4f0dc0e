using System.Diagnostics;
using System.Globalization;

namespace ValidonX.Tests.Servers;

/// <summary>POSIX signals to processes that the tests started.</summary>
internal static class Signals
{
    public static async Task SendAsync(Process process, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }
}
