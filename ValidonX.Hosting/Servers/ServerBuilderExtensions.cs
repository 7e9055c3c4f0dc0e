using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using ValidonX.Hosting.Data;

namespace ValidonX.Hosting.Servers;

/// <summary>What all servers that run as processes have in common.</summary>
internal static partial class ServerBuilderExtensions
{
    /// <summary>Adds a server: its program is found or obtained, its data and option file are made before each start.</summary>
    public static IResourceBuilder<T> AddServer<T>(this IDistributedApplicationBuilder builder, T server, int? port, string icon)
        where T : ServerResource
    {
        var folders = new ServerFolders(builder, server);
        LocalProgram? program = null;
        string? optionFile = null;
        var added = builder.AddResource(server);
        return added
            .WithEndpoint(port: port, scheme: "tcp", name: ServerResource.PrimaryEndpointName, isProxied: false)
            .WithIconName(icon)
            .WithLoginCheck(server.LogInAsync)
            .OnBeforeResourceStarted(async (_, start, cancellation) =>
            {
                Task TellAsync(string what) => server.TellAsync(start.Services, what);
                try
                {
                    program = await server.FindAsync(new ServerCatalog(key => builder.Configuration[key], folders.Shared, TellAsync), cancellation);
                    optionFile = await server.PrepareAsync(program, folders, TellAsync, cancellation);
                    added.WithCommand(program.Path);
                }
                catch (Exception failure) when (failure is not OperationCanceledException)
                {
                    // Aspire shows it beside the resource; who has a console only would wait for nothing.
                    CannotStart(ConsoleLogger(start.Services), server.Name, failure.Message);
                    throw;
                }
            })
            .WithArgs(context =>
            {
                // It has to come first.
                if (optionFile is not null)
                    context.Args.Insert(0, optionFile);
            })
            .WithEnvironment(context =>
            {
                foreach (var (name, value) in program?.Environment ?? new Dictionary<string, string>())
                    context.EnvironmentVariables[name] = value;
            });
    }

    /// <summary>Names the folder in which a server's data outlive the run.</summary>
    public static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string? name, bool isReadOnly)
        where T : ServerResource
    {
        builder.Resource.Volume = isReadOnly ? throw new NotSupportedException("The data of a process cannot be read-only.") : name ?? builder.Resource.Name;
        return builder;
    }

    /// <summary>Calls a resource healthy when one can log in.</summary>
    public static IResourceBuilder<T> WithLoginCheck<T>(this IResourceBuilder<T> builder, Func<CancellationToken, Task> logInAsync)
        where T : IResource
    {
        var name = $"{builder.Resource.Name}_check";
        builder.ApplicationBuilder.Services.AddHealthChecks().AddAsyncCheck(name, async cancellation =>
        {
            await logInAsync(cancellation);
            return HealthCheckResult.Healthy("Logged in.");
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

    // Ends, cancelled, with the stack.
    private static async Task FollowAsync(IResourceWithParent part, ResourceNotificationService notifications, CancellationToken cancellation)
    {
        await foreach (var change in notifications.WatchAsync(cancellation).Where(change => change.Resource == part.Parent))
        {
            var (state, start, stop) = (change.Snapshot.State, change.Snapshot.StartTimeStamp, change.Snapshot.StopTimeStamp);
            await notifications.PublishUpdateAsync(part, snapshot => snapshot with { State = state, StartTimeStamp = start, StopTimeStamp = stop });
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
}
