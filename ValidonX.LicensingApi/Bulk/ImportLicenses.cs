using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>Who imports into what.</summary>
/// <param name="Placement">The tenant.</param>
/// <param name="Plan">The code of its plan.</param>
/// <param name="KeyHash">SHA-256 of the Idempotency-Key, if there is one.</param>
/// <param name="Audit">Who does it by which request.</param>
/// <param name="Aborted">The caller has gone; heeded until the commit of the batch that is under way.</param>
internal sealed record ImportRequest(TenantPlacement Placement, string Plan, byte[]? KeyHash, AuditEvent Audit, CancellationToken Aborted);

/// <summary>
/// Makes licenses of the rows of an upload while it comes in, a batch at a time, each in one transaction with how far the import is then. So an upload that ends anywhere is known up to
/// there, and the same one sent again goes on there; two of the same at the same time share the work. See docs/decisions/0027-bulk.md.
/// </summary>
internal sealed class ImportLicenses(TenantDatabases databases, StateChanges changes, ImportBatches batches, TimeProvider time)
{
    private const int Forgotten = 10;

    /// <summary>Takes the upload in.</summary>
    /// <returns>What has become of it, and whether all of it had been taken in before.</returns>
    /// <exception cref="ApiException">422: another upload came under this key.</exception>
    public async Task<(ShownImport Import, bool IsReplay)> ExecuteAsync(ImportRequest request, ImportSource source)
    {
        var import = await BeginAsync(request, source);
        if (import is { HasEnded: false, TakenCount: > 0 })
        {
            // Who was at it before may have died between a batch and telling everyone of it.
            await changes.AnnounceAsync([Invalidation.OfTenant(request.Placement.TenantId)]);
        }

        var (number, digest, isWhole) = (0L, source.Digest, true);
        var batch = new ImportBatch(digest);
        await foreach (var row in Bounded(source.ReadAsync(request.Aborted)))
        {
            digest = row.Digest(digest);
            number++;
            isWhole &= !row.IsEnd;
            if (number < import.TakenCount)
            {
                continue;
            }

            if (number == import.TakenCount)
            {
                // Everything up to here is there already, if it is the same.
                Require(digest, import.Digest);
                batch = new ImportBatch(digest) { Before = number };
                continue;
            }

            batch.Add(row.Read(number, digest, time.GetUtcNow()), row.Json.Length);
            if (batch.IsFull)
            {
                await batches.TakeAsync(request, import.Id, batch);
                batch = new ImportBatch(digest) { Before = number };
            }
        }

        if (batch.Rows.Count > 0)
        {
            await batches.TakeAsync(request, import.Id, batch);
        }

        return await EndAsync(request, import.Id, number, digest, isWhole ? ImportStatus.Completed : ImportStatus.Failed);
    }

    /// <summary>The upload is the one that this key stands for.</summary>
    /// <exception cref="ApiException">422: it is not.</exception>
    public static void Require(byte[] digest, byte[] known)
    {
        if (!digest.AsSpan().SequenceEqual(known))
        {
            throw new ApiException(ApiErrors.IdempotencyKeyReused);
        }
    }

    private static async IAsyncEnumerable<ImportRow> Bounded(IAsyncEnumerable<ImportRow> rows)
    {
        var count = 0;
        await foreach (var row in rows)
        {
            if (++count > ImportLimits.Rows)
            {
                yield return ImportRow.End($"An import has at most {ImportLimits.Rows} rows. Nothing from this one on was read.");
                yield break;
            }

            yield return row;
        }
    }

    private async Task<ImportRecord> BeginAsync(ImportRequest request, ImportSource source)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        await using var scope = await databases.OpenAsync(request.Placement, request.Aborted);
        return await scope.TransactAsync(
            async (transaction, token) =>
            {
                var connection = transaction.Connection!;
                await connection.ExecuteAsync(new CommandDefinition(
                    "DELETE FROM license_imports WHERE updated_at < @before ORDER BY updated_at LIMIT @Forgotten", new { before = now - ImportLimits.Kept, Forgotten }, transaction, cancellationToken: token));
                await connection.ExecuteAsync(new CommandDefinition(
                    """
                    INSERT IGNORE INTO license_imports (id, key_hash, format, status, digest, created_at, updated_at)
                    VALUES (@id, @KeyHash, @Format, @Running, @Digest, @now, @now)
                    """,
                    new { id, request.KeyHash, source.Format, ImportStatus.Running, source.Digest, now },
                    transaction,
                    cancellationToken: token));
                return await connection.QuerySingleAsync<ImportRecord>(new CommandDefinition(
                    $"SELECT {ImportRecord.Columns} FROM license_imports WHERE id = @id OR key_hash = @KeyHash", new { id, request.KeyHash }, transaction, cancellationToken: token));
            },
            request.Aborted);
    }

    private Task<(ShownImport Import, bool IsReplay)> EndAsync(ImportRequest request, Guid id, long number, byte[] digest, string status) =>
        changes.StepInTenantAsync(
            request.Placement,
            async (transaction, token) =>
            {
                var now = time.GetUtcNow();
                var import = await ImportRecord.LockAsync(transaction, id, token) ?? throw new ApiException(ApiErrors.IdempotencyInProgress);
                if (import.TakenCount != number)
                {
                    throw new ApiException(ApiErrors.IdempotencyKeyReused);
                }

                Require(digest, import.Digest);
                if (import.HasEnded)
                {
                    return new ChangedMany<(ShownImport, bool)>((import.Show(now), true), [], []);
                }

                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE license_imports SET status = @status, updated_at = @now, finished_at = @now WHERE id = @id", new { status, now, id }, transaction, cancellationToken: token));
                var ended = (import with { Status = status, UpdatedAt = now, FinishedAt = now }).Show(now);
                var told = (request.Audit with { Action = "licenses.imported" }).About("license_import", id).Made(ended, LicensingJson.Default.ShownImport);
                return new ChangedMany<(ShownImport, bool)>((ended, false), [told], []);
            },
            request.Aborted);
}
