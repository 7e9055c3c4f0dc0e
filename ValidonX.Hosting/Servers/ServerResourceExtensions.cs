using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using ValidonX.Hosting.Data;

namespace ValidonX.Hosting.Servers;

/// <summary>What all servers that run as processes have in common.</summary>
internal static partial class ServerResourceExtensions
{
    /// <summary>A password that is made once and kept with the data.</summary>
    public static IResourceBuilder<ParameterResource> AddGeneratedSecret(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, DataFolder.Of(builder).Secrets.Default(name, length: 32), secret: true);

    /// <summary>Says what runs: the program is found or obtained early, its data and option file are made before each start.</summary>
    public static IResourceBuilder<T> RunsServer<T>(
        this IResourceBuilder<T> builder,
        Func<ServerCatalog, Func<string, Task>, CancellationToken, Task<ServerProgram>> find,
        Func<T, ServerProgram, Func<string, Task>, CancellationToken, Task<ServerArguments>> prepare)
        where T : ExecutableResource
    {
        var data = DataFolder.Of(builder.ApplicationBuilder);
        var configuration = builder.ApplicationBuilder.Configuration;
        builder.ApplicationBuilder.Services.TryAddSingleton(_ => new ServerCatalog(key => configuration[key], data.Shared));

        ServerProgram? program = null;
        ServerArguments? arguments = null;
        return builder
            .OnBeforeResourceStarted(async (server, start, cancellation) =>
            {
                Task TellAsync(string what) => server.TellAsync(start.Services, what);
                try
                {
                    program = await find(start.Services.GetRequiredService<ServerCatalog>(), TellAsync, cancellation);
                    arguments = await prepare(server, program, TellAsync, cancellation);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // Aspire shows it beside the resource; who has a console only would wait for nothing.
                    CannotStart(ConsoleLogger(start.Services), server.Name, failure.Message);
                    throw;
                }

                builder.WithAnnotation(
                    new ExecutableAnnotation { Command = program.Path, WorkingDirectory = Path.GetTempPath() }, ResourceAnnotationMutationBehavior.Replace);
            })
            .WithArgs(context =>
            {
                if (arguments is null)
                    return;

                context.Args.Insert(0, arguments.First);
                foreach (var more in arguments.More.Reverse())
                    context.Args.Insert(1, more);
            })
            .WithEnvironment(context =>
            {
                foreach (var (name, value) in program?.Environment ?? new Dictionary<string, string>())
                    context.EnvironmentVariables[name] = value;
            });
    }

    /// <summary>Names the folder of a server's data.</summary>
    public static IResourceBuilder<T> WithServerData<T>(this IResourceBuilder<T> builder, string? name, bool isReadOnly)
        where T : ExecutableResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return isReadOnly
            ? throw new NotSupportedException("The data of a process cannot be read-only.")
            : builder.WithAnnotation(new DataVolume(name ?? builder.Resource.Name), ResourceAnnotationMutationBehavior.Replace);
    }

    /// <summary>The name of the folder of a server's data.</summary>
    public static string VolumeName(this IResource server) =>
        server.TryGetLastAnnotation<DataVolume>(out var volume) ? volume.Name : server.Name;

    /// <summary>Calls the resource healthy when its connection string leads to what it should.</summary>
    /// <param name="builder">The resource.</param>
    /// <param name="askAsync">Connects; throws when it cannot.</param>
    public static IResourceBuilder<T> WithConnectionCheck<T>(this IResourceBuilder<T> builder, Func<string, CancellationToken, Task> askAsync)
        where T : IResourceWithConnectionString
    {
        var name = $"{builder.Resource.Name}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(name, async cancellation =>
        {
            await askAsync(await builder.Resource.GetConnectionStringAsync(cancellation) ?? "", cancellation);
            return Microsoft.Extensions.Diagnostics.HealthChecks.HealthCheckResult.Healthy("Logged in.");
        });
        return builder.WithHealthCheck(name);
    }

    /// <summary>Gives a resource that is part of another the other's state; Aspire does so for the parts of containers only.</summary>
    public static IResourceBuilder<T> FollowsParent<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithParent => builder.OnInitializeResource((part, initialize, cancellation) =>
        {
            _ = FollowAsync(part, initialize.Notifications, cancellation);
            return Task.CompletedTask;
        });

    private static async Task FollowAsync(IResourceWithParent part, ResourceNotificationService notifications, CancellationToken cancellation)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(cancellation))
            {
                if (change.Resource == part.Parent)
                {
                    await notifications.PublishUpdateAsync(part, snapshot => snapshot with
                    {
                        State = change.Snapshot.State,
                        StartTimeStamp = change.Snapshot.StartTimeStamp,
                        StopTimeStamp = change.Snapshot.StopTimeStamp,
                    });
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The stack ends.
        }
    }

    /// <summary>Says what is going on where people look: as the resource's state, in its log and on the console.</summary>
    private static async Task TellAsync(this IResource server, IServiceProvider services, string what)
    {
        Preparing(services.GetRequiredService<ResourceLoggerService>().GetLogger(server), server.Name, what);
        Preparing(ConsoleLogger(services), server.Name, what);
        var state = new ResourceStateSnapshot(what.Split(' ')[0], KnownResourceStateStyles.Info);
        await services.GetRequiredService<ResourceNotificationService>().PublishUpdateAsync(server, snapshot => snapshot with { State = state });
    }

    private static ILogger ConsoleLogger(IServiceProvider services) => services.GetRequiredService<ILoggerFactory>().CreateLogger("ValidonX.Hosting");

    [LoggerMessage(LogLevel.Error, "{Server} cannot start: {Why}")]
    private static partial void CannotStart(ILogger logger, string server, string why);

    [LoggerMessage(LogLevel.Information, "{Server}: {What}")]
    private static partial void Preparing(ILogger logger, string server, string what);

    private sealed record DataVolume(string Name) : IResourceAnnotation;
}
