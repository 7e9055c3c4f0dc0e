using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Processes;

namespace Aspire.Hosting.Orchestration;

/// <summary>One process of a resource: waits for what it needs, starts it, starts it again when it crashes, stops it.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private const int LastWords = 5;

    private static readonly TimeSpan ServiceGrace = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ServerGrace = TimeSpan.FromSeconds(30);

    private readonly ReplicaServices _services;
    private readonly ILauncher _launcher;
    private readonly int _index;
    private readonly string _instanceId;
    private readonly SemaphoreSlim _commands = new(1, 1);
    private readonly ReplicaHealth _health;
    private CancellationTokenSource _ending = new();
    private Task _life = Task.CompletedTask;

    public Replica(IResource resource, int index, ILauncher launcher, ReplicaServices services)
    {
        Resource = resource;
        _index = index;
        _launcher = launcher;
        _services = services;
        _instanceId = new GenerateParameterDefault { MinLength = 8, Upper = false, Numeric = false, Special = false }.GetDefaultValue();
        Id = $"{resource.Name}-{_instanceId}";
        Label = resource.GetReplicaCount() == 1 ? resource.Name : $"{resource.Name}/{index + 1}";
        _health = new(resource, Id, services);
        Publish(snapshot => snapshot with { State = KnownResourceStates.NotStarted });
    }

    public IResource Resource { get; }

    /// <summary>The resource's name and a random suffix.</summary>
    public string Id { get; }

    /// <summary>What its lines on the console begin with: the resource's name, and the replica's number where there are several.</summary>
    public string Label { get; }

    public bool IsHealthy => _services.Notifications.Find(Id) is [var present] && ResourceNotificationService.IsHealthy(present);

    /// <summary>Starts the replica, unless it is on its way already.</summary>
    public Task StartAsync() => CommandAsync(() =>
    {
        if (_life.IsCompleted)
        {
            _ending.Dispose();
            _ending = new();
            _life = Task.Run(() => LiveAsync(_ending.Token));
        }

        return Task.CompletedTask;
    });

    /// <summary>Stops the replica and returns when its process has ended.</summary>
    public Task StopAsync() => CommandAsync(EndAsync);

    /// <summary>Stops the replica and starts it again.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _ending.Dispose();
        _commands.Dispose();
    }

    private async Task CommandAsync(Func<Task> command)
    {
        await _commands.WaitAsync();
        try
        {
            await command();
        }
        finally
        {
            _commands.Release();
        }
    }

    private async Task EndAsync()
    {
        await _ending.CancelAsync();
        await _life;
    }

    private async Task LiveAsync(CancellationToken ending)
    {
        try
        {
            Publish(snapshot => snapshot with { State = KnownResourceStates.Waiting });
            await Dependencies.WaitAsync(Resource, _services.Notifications, ending);
            var backOff = new BackOff();
            while (true)
            {
                var started = _services.Time.GetTimestamp();
                var exitCode = await RunOnceAsync(ending);
                if (ending.IsCancellationRequested || exitCode == 0)
                    return;

                var delay = backOff.Next(_services.Time.GetElapsedTime(started));
                ShowLastWords();
                _services.Console.Warn(Label, $"ended with exit code {exitCode}; it starts again in {delay.TotalSeconds:0.#} s.");
                await Task.Delay(delay, _services.Time, ending);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            Publish(snapshot => KnownResourceStates.TerminalStates.Contains(snapshot.State?.Text)
                ? snapshot
                : snapshot with { State = KnownResourceStates.Exited });
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            var reason = exception is DistributedApplicationException ? exception.Message : exception.ToString();
            _services.Logs.Write(Resource, Id, reason, isError: true);
            _services.Console.Fail(Label, $"cannot start: {reason}");
            Publish(snapshot => snapshot with { State = KnownResourceStates.FailedToStart });
        }
    }

    private async Task<int> RunOnceAsync(CancellationToken ending)
    {
        Publish(snapshot => snapshot with { State = KnownResourceStates.Starting, HealthReports = [] });
        await _services.Eventing.PublishAsync(new BeforeResourceStartedEvent(Resource, _services.Services), ending);
        var variables = await _services.Settings.VariablesAsync(Resource, ending);
        var arguments = await ResourceSettings.ArgumentsAsync(Resource, ending);
        var launch = await _launcher.PrepareAsync(new LaunchRequest(Resource, _index, _instanceId, arguments, variables), ending);
        foreach (var endpoint in Resource.Annotations.OfType<EndpointAnnotation>())
            _services.Ports.Release(endpoint.ProcessPorts[_index]);

        ending.ThrowIfCancellationRequested();
        using var process = GuardedProcess.Start(launch.Process, WriteLine);
        var probes = _services.Probes(Resource, _index, launch);
        Publish(snapshot => snapshot with
        {
            State = KnownResourceStates.Running,
            ExitCode = null,
            StopTimeStamp = null,
            StartTimeStamp = _services.Time.GetUtcNow().UtcDateTime,
            Properties = [new("executable.pid", process.Id), new("executable.path", launch.Process.Command)],
            EnvironmentVariables = [.. launch.Process.Environment.Where(pair => pair.Value is not null)
                .Select(pair => new EnvironmentVariableSnapshot(pair.Key, pair.Value, IsFromSpec: variables.ContainsKey(pair.Key)))],
            Urls = [.. ResourceUrls.Of(Resource).Select(url => new UrlSnapshot(url.Endpoint?.EndpointName, url.Url, IsInternal: false))],
            HealthReports = [.. probes.Select(probe => new HealthReportSnapshot(probe.Name, null, null, null))],
        });

        using var watching = CancellationTokenSource.CreateLinkedTokenSource(ending);
        var health = _health.WatchAsync(probes, watching.Token);
        await Task.WhenAny(process.Exited, Task.Delay(Timeout.Infinite, ending));
        await watching.CancelAsync();
        await health;
        if (!process.Exited.IsCompleted)
        {
            Publish(snapshot => snapshot with { State = KnownResourceStates.Stopping });
            await process.StopAsync(Grace);
        }

        var exitCode = await process.Exited;
        Publish(snapshot => snapshot with
        {
            State = exitCode == 0 ? KnownResourceStates.Finished : KnownResourceStates.Exited,
            ExitCode = exitCode,
            StopTimeStamp = _services.Time.GetUtcNow().UtcDateTime,
            Properties = [],
            HealthReports = [],
        });
        return exitCode;
    }

    // What a test's servers hold is thrown away with them.
    private TimeSpan Grace => Resource is not ContainerResource ? ServiceGrace : _services.Data.IsTemporary ? TimeSpan.Zero : ServerGrace;

    private void WriteLine(string line, bool isError)
    {
        _services.Logs.Write(Resource, Id, line, isError);

        // Servers talk about themselves all the time; what they say is in the log, and what is wrong is on the console too.
        if (Resource is not ContainerResource || line.Contains("[ERROR]", StringComparison.Ordinal))
            _services.Console.Line(Label, line);
    }

    private void ShowLastWords()
    {
        if (Resource is not ContainerResource)
            return;

        foreach (var line in _services.Logs.LastLines(Id, LastWords))
            _services.Console.Line(Label, line.Content);
    }

    private void Publish(Func<CustomResourceSnapshot, CustomResourceSnapshot> change) => _services.Notifications.Publish(Resource, Id, change);
}
