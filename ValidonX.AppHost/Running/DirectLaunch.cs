using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace ValidonX.AppHost.Running;

/// <summary>
/// Starts the built program of each project itself. By default the orchestrator starts <c>dotnet run --no-build</c>, which takes seconds of
/// processor time each, and whose process id is not the service's: killing it leaves the service alive, unseen.
/// </summary>
internal static class DirectLaunch
{
    public static IDistributedApplicationBuilder AddDirectLaunch(this IDistributedApplicationBuilder builder)
    {
        builder.OnBeforeStart((start, _) =>
        {
            // A debugger and a watcher start programs in their own way.
            if (!builder.ExecutionContext.IsRunMode || builder.Configuration["DEBUG_SESSION_PORT"] is not null || builder.Configuration["DOTNET_WATCH"] is not null)
                return Task.CompletedTask;

            var output = OutputFolder(builder.AppHostAssembly);
            foreach (var project in start.Model.Resources.OfType<ProjectResource>())
            {
                var file = project.GetProjectMetadata().ProjectPath;
                var program = Path.Combine(Path.GetDirectoryName(file)!, output, Path.GetFileNameWithoutExtension(file) + (OperatingSystem.IsWindows() ? ".exe" : ""));
                if (!File.Exists(program))
                    continue;

                project.Annotations.Add(new ExecutableAnnotation { Command = program, WorkingDirectory = Path.GetDirectoryName(file)! });
                // The program looks for the runtime that runs this one, wherever that was installed.
                project.Annotations.Add(new EnvironmentCallbackAnnotation(variables => variables["DOTNET_ROOT"] = RuntimeRoot()));
            }

            return Task.CompletedTask;
        });
        return builder;
    }

    // All projects of a solution are built alike: as the AppHost was.
    private static string OutputFolder(Assembly? appHost)
    {
        var configuration = appHost?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration ?? "Debug";
        var framework = new FrameworkName(appHost?.GetCustomAttribute<TargetFrameworkAttribute>()?.FrameworkName ?? ".NETCoreApp,Version=v10.0");
        return Path.Combine("bin", configuration, $"net{framework.Version}");
    }

    private static string RuntimeRoot() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
}
