using ValidonX.Tests.LicensingApi;
using ValidonX.Tests.Provisioner;
using ValidonX.Tests.ServiceDefaults.Telemetry;
using Xunit.MicrosoftTestingPlatform;
using Xunit.Runner.InProc.SystemConsole;

namespace ValidonX.Tests;

/// <summary>
/// Runs the tests as xunit's own entry point does, or a worker or an API: tests that kill one need it in a process of its own.
/// </summary>
internal static class EntryPoint
{
    public static Task<int> Main(string[] args) =>
        args switch
        {
            [WorkerProcess.Command, .. var rest] => Worker.RunAsync(rest),
            [StoppingHost.Command, .. var rest] => StoppingHost.RunAsync(rest),
            [ApiProcess.Command, .. var rest] => ApiProcess.RunAsync(rest),
            _ when args.Any(arg => arg is "--server" or "--internal-msbuild-node") =>
                TestPlatformTestFramework.RunAsync(args, SelfRegisteredExtensions.AddSelfRegisteredExtensions),
            _ => ConsoleRunner.Run(args),
        };
}
