using System.Data.Common;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Schema;

namespace ValidonX.Provisioner.Startup;

/// <summary>
/// Brings the servers into the state that the whole platform relies on: platform database and schema, service account, registered
/// database servers. Several provisioners may do it at once and again at every start.
/// </summary>
internal sealed partial class PlatformPreparation(
    DatabaseAdministration administration,
    PlatformSchema schema,
    JobBackoff backoff,
    IOptions<PreparationOptions> options,
    TimeProvider time,
    ILogger<PlatformPreparation> logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private volatile bool _isDone;

    /// <summary>Whether the platform may be used.</summary>
    public bool IsDone => _isDone;

    /// <summary>Prepares the platform, with patience for servers that are still starting.</summary>
    /// <exception cref="PreparationFailedException">It cannot be done; one sentence says what is wrong and what to do.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var attempt = 1; !_isDone; attempt++)
        {
            try
            {
                await administration.EnsurePlatformDatabaseAsync(cancellationToken);
                await schema.MigrateAsync(cancellationToken);
                await administration.GrantPlatformAsync(cancellationToken);
                foreach (var server in await administration.RegisterServersAsync(cancellationToken))
                {
                    Log.ServerAway(logger, server);
                }

                _isDone = true;
                Log.Done(logger, SchemaScript.Platform[^1].Number, (long)time.GetElapsedTime(started).TotalMilliseconds);
            }
            catch (DbException refused) when (DatabaseError.IsAccessDenied(refused))
            {
                throw new PreparationFailedException(
                    $"A database server refused the administrator's login or one of its rights: check {DatabaseServersOptions.Section}:AdminUser and "
                    + $"{DatabaseServersOptions.Section}:AdminPassword (they must be allowed to create databases, accounts and roles) and the connection string 'platform'.",
                    refused);
            }
            catch (Exception notYet) when (DatabaseError.IsFailure(notYet))
            {
                if (time.GetElapsedTime(started) > options.Value.StartPatience)
                {
                    throw new PreparationFailedException(
                        $"The database servers did not become usable within {options.Value.StartPatience.TotalSeconds:0} seconds: check that they run and that "
                        + $"{DatabaseServersOptions.Section} and the connection string 'platform' name their addresses.",
                        notYet);
                }

                Log.NotYet(logger, attempt, notYet.Message);
                var pause = backoff.After(attempt);
                await Task.Delay(pause < LongestPause ? pause : LongestPause, time, cancellationToken);
            }
            catch (Exception final) when (final is SchemaChangedException or SchemaBlockedException or UnsuitableServerException)
            {
                throw new PreparationFailedException(final.Message, final);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The platform database is ready: schema version {Version}, after {Milliseconds} ms.")]
        public static partial void Done(ILogger logger, int version, long milliseconds);

        [LoggerMessage(2, LogLevel.Information, "The database servers are not ready yet (attempt {Attempt}): {Reason}")]
        public static partial void NotYet(ILogger logger, int attempt, string reason);

        [LoggerMessage(3, LogLevel.Warning, "The database server {Server} does not answer; its tenants have to wait for it.")]
        public static partial void ServerAway(ILogger logger, string server);
    }
}
