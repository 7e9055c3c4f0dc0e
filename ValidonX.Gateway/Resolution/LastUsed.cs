using System.Collections.Concurrent;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;

namespace ValidonX.Gateway.Resolution;

/// <summary>
/// Keeps <c>last_used_at</c> of API keys and bearer tokens without a write per request: uses are noted in memory and written together every
/// few seconds and at shutdown. A crash forgets at most one interval.
/// </summary>
internal sealed class LastUsed(
    PlatformDatabase platform,
    IOptions<ResolutionOptions> options,
    DatabaseOutage outage,
    TimeProvider time) : BackgroundService
{
    private const int RowsPerStatement = 1_000;

    private readonly ConcurrentDictionary<Guid, UseMark> _keys = new();
    private readonly ConcurrentDictionary<Guid, UseMark> _tokens = new();

    /// <summary>Notes that an API key was used now.</summary>
    public void NoteKey(Guid id, UseMark mark) => Note(_keys, id, mark);

    /// <summary>Notes that a bearer token was used now.</summary>
    public void NoteToken(Guid id, UseMark mark) => Note(_tokens, id, mark);

    /// <summary>Writes what was noted. What cannot be written now stays noted.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(
            _keys,
            "UPDATE api_keys SET last_used_at = @now WHERE id IN @ids AND (last_used_at IS NULL OR last_used_at < @now)",
            cancellationToken);
        await FlushAsync(
            _tokens,
            "UPDATE personal_access_tokens SET last_used_at = @now WHERE id IN @ids AND (last_used_at IS NULL OR last_used_at < @now)",
            cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await TryFlushAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.LastUsedInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                await TryFlushAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // Stopping: StopAsync writes the rest.
        }
    }

    private static void Note(ConcurrentDictionary<Guid, UseMark> noted, Guid id, UseMark mark)
    {
        if (mark.TryNote())
        {
            noted[id] = mark;
        }
    }

    private async Task TryFlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await FlushAsync(cancellationToken);
        }
        catch (Exception away) when (DatabaseError.IsFailure(away))
        {
            outage.Note(away);
        }
    }

    private async Task FlushAsync(ConcurrentDictionary<Guid, UseMark> noted, string sql, CancellationToken cancellationToken)
    {
        foreach (var batch in noted.ToArray().Chunk(RowsPerStatement))
        {
            await using var connection = await platform.OpenAsync(cancellationToken);
            await connection.ExecuteAsync(new CommandDefinition(
                sql,
                new { now = time.GetUtcNow(), ids = batch.Select(use => use.Key.ToString()) },
                cancellationToken: cancellationToken));
            foreach (var use in batch)
            {
                noted.TryRemove(use);
                use.Value.Clear();
            }
        }
    }
}
