using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Redis;

namespace ValidonX.Gateway.Clusters;

/// <summary>
/// Looks for changed clusters every few seconds, and at once when told to (wake-up <see cref="Channel"/>). A set with errors is reported
/// with all of them and not put in force.
/// </summary>
internal sealed partial class ClusterReload(
    ClusterSources sources,
    ClusterConfigurations configurations,
    IWakeup wakeup,
    IOptions<ClusterOptions> options,
    ILogger<ClusterReload> logger) : BackgroundService
{
    /// <summary>The wake-up channel for those who change clusters.</summary>
    public const string Channel = "gateway-clusters";

    private string _inForce = "";
    private string _refused = "";

    /// <summary>What is configured must be right at start; what is stored may be repaired while the gateway serves.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        var configured = sources.Configured();
        if (ClusterValidation.Errors(configured) is { Count: > 0 } errors)
        {
            throw new OptionsValidationException(ClusterSources.Section, typeof(ClusterDefinition), errors);
        }

        Consider(configured);
        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var changes = wakeup.Listen(Channel);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                Consider(ClusterSources.Merge(sources.Configured(), await sources.StoredAsync(stoppingToken)));
            }
            catch (Exception away) when (DatabaseError.IsFailure(away))
            {
                // The clusters in force stay; the database's own health check says that it is away.
                Log.Unread(logger, away.Message);
            }

            try
            {
                await changes.WaitAsync(options.Value.ReloadInterval, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private void Consider(IReadOnlyList<ClusterDefinition> clusters)
    {
        var text = string.Join('\n', clusters.Select(cluster => $"{cluster.Name} {string.Join(' ', cluster.Addresses)}"));
        if (text == _inForce || text == _refused)
        {
            return;
        }

        if (ClusterValidation.Errors(clusters) is { Count: > 0 } errors)
        {
            _refused = text;
            Log.Refused(logger, string.Join(' ', errors));
            return;
        }

        _inForce = text;
        _refused = "";
        configurations.Replace(clusters);
        Log.InForce(logger, string.Join(", ", clusters.Select(cluster => $"{cluster.Name} ({cluster.Addresses.Count})")));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Clusters in force (destinations): {Clusters}.")]
        public static partial void InForce(ILogger logger, string clusters);

        [LoggerMessage(2, LogLevel.Error, "The changed clusters have errors and are not put in force; the earlier ones stay. {Errors}")]
        public static partial void Refused(ILogger logger, string errors);

        [LoggerMessage(3, LogLevel.Debug, "The stored clusters cannot be read: {Reason}")]
        public static partial void Unread(ILogger logger, string reason);
    }
}
