using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Licenses;
using ValidonX.Platform.Outbox;

namespace ValidonX.Provisioner.Bulk;

/// <summary>What a step has come to.</summary>
/// <param name="Done">Licenses that are as they are to be, with those of earlier steps.</param>
/// <param name="Failed">Licenses that could not be changed, with those of earlier steps.</param>
/// <param name="IsLast">There are no more.</param>
/// <param name="Stale">What every replica has to hear of.</param>
internal sealed record StepTaken(long Done, long Failed, bool IsLast, IReadOnlyCollection<Invalidation> Stale);

/// <summary>Changes the next few licenses of a change of many, by the rules of a change of one: what is so already is left as it is, what was revoked stays so.</summary>
internal sealed class BulkChangeStep(TenantDatabases databases, TenantOutbox outbox, TimeProvider time)
{
    private const int AtOnce = 200;
    private const int Forgotten = 100;
    private const string Revoked = "revoked";
    private static readonly TimeSpan Kept = TimeSpan.FromDays(60);

    /// <summary>Whether a step was taken before.</summary>
    public async Task<bool> HasBegunAsync(TenantPlacement placement, Guid jobId, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await scope.Connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM bulk_progress WHERE job_id = @jobId)", new { jobId }, cancellationToken: cancellationToken));
    }

    /// <summary>Takes the next step, whoever took the one before it.</summary>
    public async Task<StepTaken> TakeAsync(TenantPlacement placement, Guid jobId, BulkChangeJob change, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await scope.TransactAsync((transaction, token) => TakeAsync(transaction, placement.TenantId, jobId, change, token), cancellationToken);
    }

    private async Task<StepTaken> TakeAsync(DbTransaction transaction, Guid tenantId, Guid jobId, BulkChangeJob change, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var now = time.GetUtcNow();
        var progress = await connection.QuerySingleAsync<Progress>(new CommandDefinition(
            """
            DELETE FROM bulk_progress WHERE updated_at < @before ORDER BY updated_at LIMIT @Forgotten;
            INSERT IGNORE INTO bulk_progress (job_id, last_id, done, failed, updated_at) VALUES (@jobId, '', 0, 0, @now);
            SELECT last_id, done, failed FROM bulk_progress WHERE job_id = @jobId FOR UPDATE
            """,
            new { jobId, now, before = now - Kept, Forgotten },
            transaction,
            cancellationToken: cancellationToken));
        var sql = new InterpolatedSql().Add(
            $"""
            SELECT l.id, l.license_key, l.status, l.expires_at, CAST({LicenseSelection.InForce(now)} AS SIGNED) AS in_force FROM license_keys l
            """);
        change.Selection.AddTo(sql, now, [$"l.id > {progress.LastId}"]).Add($" ORDER BY l.id LIMIT {AtOnce} FOR UPDATE");
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(sql.Text, sql.Parameters, transaction, cancellationToken: cancellationToken))).AsList();
        var failed = rows.FindAll(row => row.Status == Revoked && change.Action != BulkChangeJob.Revoke);
        var changed = rows.FindAll(row => !failed.Contains(row) && !IsSo(row, change));
        if (changed.Count > 0)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE license_keys SET status = COALESCE(@status, status), expires_at = COALESCE(@ExpiresAt, expires_at), updated_at = @now WHERE id IN @ids",
                new { status = StatusOf(change), change.ExpiresAt, now, ids = changed.Select(row => row.Id.ToString()) },
                transaction,
                cancellationToken: cancellationToken));
            await outbox.WriteAsync(transaction, changed.Select(row => Told(row, tenantId, jobId, change, now)), cancellationToken);
        }

        var taken = new StepTaken(
            progress.Done + rows.Count - failed.Count,
            progress.Failed + failed.Count,
            rows.Count < AtOnce,
            [.. rows.Select(row => CacheKeys.License(tenantId, row.LicenseKey)), .. change.Action == BulkChangeJob.Revoke ? [CacheKeys.Revocations(tenantId)] : Array.Empty<Invalidation>()]);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE bulk_progress SET last_id = @last, done = @Done, failed = @Failed, updated_at = @now WHERE job_id = @jobId",
            new { last = rows.Count == 0 ? progress.LastId : rows[^1].Id.ToString(), taken.Done, taken.Failed, now, jobId },
            transaction,
            cancellationToken: cancellationToken));
        return taken;
    }

    private static string? StatusOf(BulkChangeJob change) => change.Action switch
    {
        BulkChangeJob.Suspend => "suspended",
        BulkChangeJob.Reinstate => "active",
        BulkChangeJob.Revoke => Revoked,
        _ => null,
    };

    private static bool IsSo(Row row, BulkChangeJob change) => StatusOf(change) is { } status ? row.Status == status : row.ExpiresAt == change.ExpiresAt;

    /// <summary>As a change of this license alone would tell it.</summary>
    private static AuditEvent Told(Row row, Guid tenantId, Guid jobId, BulkChangeJob change, DateTimeOffset now)
    {
        var isRenewed = change.Action == BulkChangeJob.Renew;
        var before = new JsonObject { ["status"] = Shown(row.Status, row.IsInForce) };
        var after = new JsonObject { ["status"] = Shown(StatusOf(change) ?? row.Status, isRenewed || row.IsInForce) };
        if (JsonNode.DeepEquals(before["status"], after["status"]))
        {
            before.Remove("status");
            after.Remove("status");
        }

        if (isRenewed)
        {
            before["expires_at"] = Text(row.ExpiresAt);
            after["expires_at"] = Text(change.ExpiresAt);
        }

        return (new AuditEvent(change.EventType, tenantId)
        {
            At = now,
            ActorType = change.ActorType,
            ActorId = change.ActorId,
            RequestId = change.RequestId,
            Details = new JsonObject { ["bulk_change_id"] = jobId.ToString() }.ToJsonString(),
            Before = before.ToJsonString(),
            After = after.ToJsonString(),
        }).About("license", row.Id);
    }

    private static string Shown(string status, bool isInForce) => status == "active" && !isInForce ? "expired" : status;

    private static string? Text(DateTimeOffset? time) => time?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

    private sealed record Progress
    {
        public string LastId { get; init; } = "";

        public long Done { get; init; }

        public long Failed { get; init; }
    }

    private sealed record Row
    {
        public Guid Id { get; init; }

        public string LicenseKey { get; init; } = "";

        public string Status { get; init; } = "";

        public DateTimeOffset? ExpiresAt { get; init; }

        public long InForce { get; init; }

        public bool IsInForce => InForce != 0;
    }
}
