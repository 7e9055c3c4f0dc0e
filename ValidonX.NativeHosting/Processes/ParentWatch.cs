using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Processes;

/// <summary>Ends the stack when the <c>dotnet run</c> that started it is gone without having said so.</summary>
internal sealed class ParentWatch(IHostApplicationLifetime lifetime, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!OperatingSystem.IsLinux())
            return;

        var parent = Posix.ParentProcessId;
        if (!IsDotnetCommand(parent))
            return;

        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (Posix.ParentProcessId != parent)
            {
                lifetime.StopApplication();
                return;
            }
        }
    }

    private static bool IsDotnetCommand(int processId)
    {
        try
        {
            var command = File.ReadAllText($"/proc/{processId}/cmdline").Split('\0');
            return Path.GetFileNameWithoutExtension(command[0]) == "dotnet" && command.Contains("run");
        }
        catch (IOException)
        {
            return false;
        }
    }
}
