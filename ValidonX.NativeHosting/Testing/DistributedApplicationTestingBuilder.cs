using System.Reflection;
using System.Runtime.ExceptionServices;
using Aspire.Hosting.Data;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting.Testing;

/// <summary>Starts an AppHost's stack in a test: its own entry point, with random ports and data of its own.</summary>
public static class DistributedApplicationTestingBuilder
{
    internal const string RandomizePortsKey = "DcpPublisher:RandomizePorts";

    /// <summary>Runs the entry point of an AppHost up to where it builds its stack.</summary>
    /// <typeparam name="TEntryPoint">Any type of the AppHost's assembly, such as <c>Projects.ValidonX_AppHost</c>.</typeparam>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>([], (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(CancellationToken)"/>
    /// <param name="args">The command line to hand to the entry point.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args, CancellationToken cancellationToken = default)
        where TEntryPoint : class => CreateAsync<TEntryPoint>(args, (_, _) => { }, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(CancellationToken)"/>
    /// <param name="args">The command line to hand to the entry point.</param>
    /// <param name="configureBuilder">Changes how the stack is started.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public static Task<IDistributedApplicationTestingBuilder> CreateAsync<TEntryPoint>(
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default) => CreateAsync(typeof(TEntryPoint), args, configureBuilder, cancellationToken);

    /// <inheritdoc cref="CreateAsync{TEntryPoint}(CancellationToken)"/>
    /// <param name="entryPoint">Any type of the AppHost's assembly.</param>
    /// <param name="args">The command line to hand to the entry point.</param>
    /// <param name="configureBuilder">Changes how the stack is started.</param>
    /// <param name="cancellationToken">Calls it off.</param>
    public static async Task<IDistributedApplicationTestingBuilder> CreateAsync(
        Type entryPoint,
        string[] args,
        Action<DistributedApplicationOptions, HostApplicationBuilderSettings> configureBuilder,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(entryPoint);
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(configureBuilder);
        var assembly = entryPoint.Assembly;
        var main = assembly.EntryPoint
            ?? throw new InvalidOperationException($"Assembly of specified type {entryPoint} does not have an entry point.");

        var interception = new EntryPointInterception((options, settings) =>
        {
            Prepare(assembly, args, options, settings);
            configureBuilder(options, settings);
        });
        interception.Run(() => Invoke(main, args));
        try
        {
            return new TestingBuilder(interception, await interception.Building.WaitAsync(cancellationToken));
        }
        catch
        {
            interception.Abandon();
            throw;
        }
    }

    private static void Invoke(MethodInfo main, string[] args)
    {
        try
        {
            var result = main.Invoke(null, main.GetParameters().Length == 0 ? null : [args]);
            (result as Task)?.GetAwaiter().GetResult();
        }
        catch (TargetInvocationException exception) when (exception.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
        }
    }

    // What the AppHost's own launch profile would have set, but in configuration: the test's process is not the AppHost's.
    private static void Prepare(
        Assembly assembly, string[] args, DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
        options.AssemblyName = assembly.FullName;
        options.DisableDashboard = true;
        settings.Args = [.. options.Args ?? [], .. args.Except(options.Args ?? [])];
        settings.Configuration ??= new();
        var directory = AppHostMetadata.ProjectDirectory(assembly);
        var profile = directory is null ? null : LaunchSettings.Read(directory)?.Select(null);
        settings.EnvironmentName ??= profile?.EnvironmentVariables.GetValueOrDefault("DOTNET_ENVIRONMENT") ?? Environments.Development;
        settings.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [RandomizePortsKey] = "true",
            [DataFolder.TemporaryKey] = "true",
        });
    }
}
