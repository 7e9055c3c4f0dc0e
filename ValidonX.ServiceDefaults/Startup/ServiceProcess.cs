using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ValidonX.ServiceDefaults.Startup;

/// <summary>Runs a service as a process.</summary>
public static class ServiceProcess
{
    /// <summary>Exit code for a configuration that the service cannot start with (<c>EX_CONFIG</c> of sysexits.h).</summary>
    public const int BadConfiguration = 78;

    /// <summary>
    /// Runs until it is told to stop. Whatever is wrong with the configuration is told at once, one sentence a line on standard error, and
    /// nothing is started.
    /// </summary>
    /// <param name="build">Puts the service together.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(Func<IHost> build)
    {
        try
        {
            using var host = build();
            host.ValidateConfiguration();
            await host.RunAsync();
            return 0;
        }
        catch (Exception failure) when (Sentences(failure) is { Count: > 0 } sentences)
        {
            foreach (var sentence in sentences)
            {
                await Console.Error.WriteLineAsync(sentence);
            }

            return BadConfiguration;
        }
    }

    /// <summary>
    /// Throws everything that is wrong with the configuration, for a service that needs some of it while it is put together;
    /// <see cref="RunAsync"/> tells it.
    /// </summary>
    /// <param name="host">The service.</param>
    public static void ValidateConfiguration(this IHost host) => host.Services.GetService<IStartupValidator>()?.Validate();

    /// <summary>What is wrong with the configuration; nothing when it is something else that failed.</summary>
    private static List<string> Sentences(Exception failure) =>
        failure switch
        {
            OptionsValidationException invalid => [.. invalid.Failures],
            AggregateException several when several.InnerExceptions.All(inner => inner is OptionsValidationException) =>
                [.. several.InnerExceptions.SelectMany(Sentences)],
            _ => [],
        };
}
