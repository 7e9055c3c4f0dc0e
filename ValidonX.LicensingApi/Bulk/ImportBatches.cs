using System.Data.Common;
using System.Text.Json;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Licenses;
using ValidonX.LicensingApi.Limits;
using ValidonX.LicensingApi.Policies;
using ValidonX.LicensingApi.Settings;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>Takes in rows of an import, each batch in one transaction.</summary>
internal sealed class ImportBatches(StateChanges changes, SettingsStore settings, TimeProvider time)
{
    private const string Taken = "A license with this key exists already.";
    private const int Attempts = 5;

    /// <summary>Takes the rows in that nobody has taken in.</summary>
    /// <exception cref="ApiException">422: another upload came under this key.</exception>
    public async Task TakeAsync(ImportRequest request, Guid id, ImportBatch batch)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await changes.StepInTenantAsync(request.Placement, (transaction, token) => TakeAsync(transaction, request, id, batch, token), request.Aborted);
                return;
            }
            catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken) && attempt < Attempts)
            {
                // Somebody made a license with a key of these in between: now it is seen.
            }
        }
    }

    private async Task<ChangedMany<bool>> TakeAsync(DbTransaction transaction, ImportRequest request, Guid id, ImportBatch batch, CancellationToken cancellationToken)
    {
        // Also those that were taken in by somebody who may have died before everyone heard of it.
        Invalidation[] stale = [.. batch.Rows.Select(row => row.License?.Key).OfType<string>().Select(key => LicenseViews.Changed(request.Placement.TenantId, key))];
        if (await ImportRecord.LockAsync(transaction, id, cancellationToken) is not { } import)
        {
            throw new ApiException(ApiErrors.IdempotencyInProgress);
        }

        if (import.TakenCount > batch.End)
        {
            return new ChangedMany<bool>(false, [], stale);
        }

        if (import.TakenCount < batch.Before)
        {
            // It was forgotten, and begun anew by somebody else.
            throw new ApiException(ApiErrors.IdempotencyInProgress);
        }

        ImportLicenses.Require(batch.DigestAt(import.TakenCount), import.Digest);
        List<ReadRow> rows = [.. batch.Behind(import.TakenCount)];
        if (rows.Count == 0)
        {
            return new ChangedMany<bool>(false, [], stale);
        }

        if (import.HasEnded)
        {
            throw new ApiException(ApiErrors.IdempotencyKeyReused);
        }

        var now = time.GetUtcNow();
        var failures = new Dictionary<long, IReadOnlyDictionary<string, IReadOnlyList<string>>>();
        foreach (var row in rows.Where(row => row.License is null))
        {
            failures[row.Number] = row.Errors;
        }

        var good = await FindProductsAsync(transaction, rows, failures, cancellationToken);
        good = await WithoutTakenKeysAsync(transaction, good, failures, cancellationToken);
        good = await WithinLimitAsync(transaction, good, failures, now, cancellationToken);
        var made = await InsertAsync(transaction, request, good, now, cancellationToken);
        await WriteAsync(transaction, import, batch, made.Count, failures, now, cancellationToken);
        var created = request.Audit.With("import_id", id) with { Action = "license.created" };
        return new ChangedMany<bool>(true, [.. made.Select(license => created.About("license", license.Id).Made(license, LicensingJson.Default.LicenseDetails))], stale);
    }

    private static async Task<List<GoodRow>> FindProductsAsync(
        DbTransaction transaction, List<ReadRow> rows, Dictionary<long, IReadOnlyDictionary<string, IReadOnlyList<string>>> failures, CancellationToken cancellationToken)
    {
        var ids = rows.Select(row => row.License?.ProductId).OfType<Guid>().Distinct().Select(id => id.ToString()).ToList();
        var codes = rows.Select(row => row.License?.Product).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        var products = ids.Count + codes.Count == 0
            ? []
            : (await transaction.Connection!.QueryAsync<Product>(new CommandDefinition(
                "SELECT id, code, key_prefix, policy FROM products WHERE id IN @ids OR code IN @codes LOCK IN SHARE MODE", new { ids, codes }, transaction, cancellationToken: cancellationToken))).AsList();
        var (byId, byCode) = (products.ToDictionary(product => product.Id), products.ToDictionary(product => product.Code, StringComparer.Ordinal));
        var good = new List<GoodRow>(rows.Count);
        foreach (var (number, license) in rows.Where(row => row.License is not null).Select(row => (row.Number, row.License!)))
        {
            var product = license switch
            {
                { ProductId: { } id } => byId.GetValueOrDefault(id),
                { Product: { } code } => byCode.GetValueOrDefault(code),
                _ => null,
            };
            if (product is null && (license.ProductId is not null || license.Product is not null))
            {
                failures[number] = Error(license.Product is null ? "product_id" : "product", "There is no such product.");
            }
            else
            {
                good.Add(new GoodRow(number, license, product));
            }
        }

        return good;
    }

    private static async Task<List<GoodRow>> WithoutTakenKeysAsync(
        DbTransaction transaction, List<GoodRow> rows, Dictionary<long, IReadOnlyDictionary<string, IReadOnlyList<string>>> failures, CancellationToken cancellationToken)
    {
        var own = rows.Select(row => row.License.Key).OfType<string>().ToList();
        if (own.Count == 0)
        {
            return rows;
        }

        var taken = (await transaction.Connection!.QueryAsync<string>(new CommandDefinition(
            "SELECT license_key FROM license_keys WHERE license_key IN @own", new { own }, transaction, flags: CommandFlags.NoCache, cancellationToken: cancellationToken))).ToHashSet(StringComparer.Ordinal);
        return rows.FindAll(row =>
        {
            var isFree = row.License.Key is not { } key || taken.Add(key);
            if (!isFree)
            {
                failures[row.Number] = Error("key", Taken);
            }

            return isFree;
        });
    }

    private static async Task<List<GoodRow>> WithinLimitAsync(
        DbTransaction transaction, List<GoodRow> rows, Dictionary<long, IReadOnlyDictionary<string, IReadOnlyList<string>>> failures, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (rows.Count == 0 || await PlanLimit.Licenses.ReadAsync(transaction, cancellationToken) is not { } limit)
        {
            return rows;
        }

        var (_, allowed) = await PlanLimit.Licenses.TakeAsync(transaction, limit, rows.Count, now, cancellationToken);
        foreach (var beyond in rows.Skip(allowed))
        {
            failures[beyond.Number] = Error(ImportRow.WholeRow, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"The plan allows {limit} licenses."));
        }

        return rows[..allowed];
    }

    private async Task<List<LicenseDetails>> InsertAsync(DbTransaction transaction, ImportRequest request, List<GoodRow> rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (rows.Count == 0)
        {
            return [];
        }

        var graceDays = await settings.GraceDaysAsync(transaction, request.Plan, cancellationToken);
        List<(LicenseRecord License, IReadOnlyList<Entitlement> Entitlements)> made =
        [
            .. rows.Select(row => (
                new LicenseRecord
                {
                    OwnPolicy = Own(row, graceDays),
                    ProductPolicy = Policy.Parse(row.Product?.Policy),
                    Id = Guid.CreateVersion7(now),
                    LicenseKey = row.License.Key ?? LicenseKeyText.Create(row.Product?.KeyPrefix),
                    Type = row.License.Type,
                    Status = row.License.StoredStatus,
                    ProductId = row.Product?.Id,
                    ExpiresAt = row.License.ExpiresAt ?? row.License.Policy.Over(Policy.Parse(row.Product?.Policy)).ExpiryFrom(Policy.FromCreation, now),
                    GraceDays = row.License.OwnPolicy.GraceDays ?? graceDays,
                    CustomerName = row.License.Customer?.Name,
                    CustomerEmail = row.License.Customer?.Email,
                    Metadata = row.License.Metadata.Text,
                    CreatedAt = now,
                },
                row.License.Entitlements.List)),
        ];
        await LicenseRows.InsertAsync(transaction, made, now, cancellationToken);
        return [.. made.Select(one => one.License.Show(one.Entitlements, now))];
    }

    /// <summary>The rules that are its own. A grace that it would have anyway is none: exports tell the one that holds, wherever it comes from.</summary>
    private static Policy Own(GoodRow row, int graceDays) =>
        row.License.Policy.GraceDays is null && row.License.GraceDays == (Policy.Parse(row.Product?.Policy).GraceDays ?? graceDays) ? row.License.Policy : row.License.OwnPolicy;

    private static async Task WriteAsync(
        DbTransaction transaction,
        ImportRecord import,
        ImportBatch batch,
        int created,
        Dictionary<long, IReadOnlyDictionary<string, IReadOnlyList<string>>> failures,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var errors = new RowInsert("license_import_errors", "import_id", "row_no", "errors");
        foreach (var (number, failure) in failures)
        {
            errors.Add(import.Id, number, JsonSerializer.Serialize<IReadOnlyDictionary<string, IReadOnlyList<string>>>(Bounded(failure), LicensingJson.Default.IReadOnlyDictionaryStringIReadOnlyListString));
        }

        await errors.ExecuteAsync(transaction, cancellationToken);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE license_imports
            SET taken_count = @End, created_count = created_count + @created, failed_count = failed_count + @failed, digest = @digest, updated_at = @now WHERE id = @Id
            """,
            new { batch.End, created, failed = failures.Count, digest = batch.DigestAt(batch.End), now, import.Id },
            transaction,
            cancellationToken: cancellationToken));
    }

    /// <summary>A row can have more wrong with it than it has bytes to say it: what is kept of a batch has to fit into one message to the database.</summary>
    private static Dictionary<string, IReadOnlyList<string>> Bounded(IReadOnlyDictionary<string, IReadOnlyList<string>> failure)
    {
        var told = failure.Take(ImportLimits.ErrorFields).ToDictionary(
            field => field.Key, IReadOnlyList<string> (field) => [.. field.Value.Distinct(StringComparer.Ordinal)], StringComparer.Ordinal);
        if (failure.Count > ImportLimits.ErrorFields)
        {
            told[ImportRow.WholeRow] = ["More fields are not valid."];
        }

        return told;
    }

    private static Dictionary<string, IReadOnlyList<string>> Error(string field, string message) => new(StringComparer.Ordinal) { [field] = [message] };

    private sealed record GoodRow(long Number, ImportedLicense License, Product? Product);

    private sealed record Product
    {
        public Guid Id { get; init; }

        public string Code { get; init; } = "";

        public string? KeyPrefix { get; init; }

        public string? Policy { get; init; }
    }
}
