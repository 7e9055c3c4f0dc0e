using System.Globalization;

namespace ValidonX.AppHost.Running;

/// <summary>
/// Ends the stack when the <c>dotnet run</c> that started it is gone without having said so. Aspire watches the process whose id its own
/// command line leaves here; this gives it <c>dotnet run</c>'s.
/// </summary>
internal static class ParentWatch
{
    private const string WatchedProcess = "ASPIRE_CLI_PID";

    public static IDistributedApplicationBuilder AddParentWatch(this IDistributedApplicationBuilder builder)
    {
        if (builder.Configuration[WatchedProcess] is null && OperatingSystem.IsLinux() && DotnetRun() is { } parent)
            builder.Configuration[WatchedProcess] = parent.ToString(CultureInfo.InvariantCulture);

        return builder;
    }

    // Only dotnet run: whoever starts the program from a shell or as a service may leave it behind on purpose.
    private static int? DotnetRun()
    {
        try
        {
            // pid (name) state parent …; the name may hold anything, also a parenthesis.
            var status = File.ReadAllText("/proc/self/stat");
            var parent = int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
            var command = File.ReadAllText($"/proc/{parent}/cmdline").Split('\0');
            return Path.GetFileName(command[0]) == "dotnet" && command.Contains("run") ? parent : null;
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
