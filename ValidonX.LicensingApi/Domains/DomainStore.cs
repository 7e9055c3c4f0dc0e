using System.Buffers.Text;
using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Domains;

namespace ValidonX.LicensingApi.Domains;

/// <summary>
/// A tenant's domains. Anybody may claim a host, which by itself does nothing; whoever proves it has it, and it is one tenant's. When a change returns, every gateway acts by it.
/// </summary>
internal sealed class DomainStore(PlatformDatabase platform, StateChanges changes, RecordLookup lookup, IOptions<DomainOptions> options, TimeProvider time)
{
    private const string SubjectType = "domain";
    private const int ChallengeBytes = 32;

    /// <summary>409: the tenant has it on its list.</summary>
    public static ApiError AlreadyAdded { get; } = ApiErrors.Conflict("The tenant has added this host already.");

    /// <summary>409: the list is full.</summary>
    public static ApiError TooMany { get; } = ApiErrors.Conflict("The tenant has as many domains as it may have; remove one that is not needed.");

    /// <summary>409: the host is somebody else's.</summary>
    public static ApiError OfAnother { get; } = ApiErrors.Conflict("Another tenant has proved this host to be its own; it has to be removed there first.");

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<DomainRow> Items, string? NextCursor)> ListAsync(Guid tenantId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<DomainRow>(new CommandDefinition(
            $"SELECT {DomainRow.Columns} FROM domains WHERE tenant_id = @tenantId {page.AndOlder()} ORDER BY id DESC LIMIT @take",
            new { tenantId, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, row => row.Id);
    }

    /// <summary>Adds a host.</summary>
    /// <param name="tenantId">Whose list.</param>
    /// <param name="host">The host, canonical.</param>
    /// <param name="request">The change.</param>
    public Task<IResult> AddAsync(Guid tenantId, string host, ChangeRequest<DomainRow> request) =>
        changes.InPlatformAsync<DomainRow>(request, async (transaction, token) =>
        {
            // The tenant's turn: of two who take the last place at once one gets it.
            if (await TenantQueries.LockAsync(transaction, tenantId, token) is null)
            {
                return ApiErrors.TenantNotFound;
            }

            var connection = transaction.Connection!;
            var hosts = (await connection.QueryAsync<string>(new CommandDefinition(
                "SELECT host FROM domains WHERE tenant_id = @tenantId", new { tenantId }, transaction, cancellationToken: token))).AsList();
            if (hosts.Contains(host))
            {
                return AlreadyAdded;
            }

            if (hosts.Count >= options.Value.MostPerTenant)
            {
                return TooMany;
            }

            var now = time.GetUtcNow();
            var row = new DomainRow
            {
                Id = Guid.CreateVersion7(now),
                Host = host,
                Challenge = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(ChallengeBytes)),
                CreatedAt = now,
            };
            await connection.ExecuteAsync(new CommandDefinition(
                "INSERT INTO domains (id, tenant_id, host, challenge, created_at) VALUES (@Id, @tenantId, @Host, @Challenge, @CreatedAt)",
                new { row.Id, tenantId, row.Host, row.Challenge, row.CreatedAt },
                transaction,
                cancellationToken: token));
            return new Changed<DomainRow>(row) { Event = request.Audit.About(SubjectType, row.Id).Made(row.Show(), LicensingJson.Default.ShownDomain) };
        });

    /// <summary>Looks for the host's record, and makes the host the tenant's when it is there.</summary>
    public async Task<IResult> VerifyAsync(Guid tenantId, Guid id, ChangeRequest<DomainVerification> request)
    {
        DomainRow? asked;
        await using (var connection = await platform.OpenAsync(request.Aborted))
        {
            asked = await FindAsync(connection, null, tenantId, id, "", request.Aborted);
        }

        // Outside of the transaction: nobody waits with locks for name servers.
        var looked = asked is { VerifiedAt: null } && HostName.TryParse(asked.Host, out var host) ? await lookup.FindAsync(tenantId, host.Record, request.Aborted) : new FoundRecords(true, []);
        if (looked.Value is not { } found)
        {
            return ApiResult.Error(looked.Refusal!);
        }

        return await changes.InPlatformAsync<DomainVerification>(request, async (transaction, token) =>
        {
            if (await FindAsync(transaction.Connection!, transaction, tenantId, id, "FOR UPDATE", token) is not { } row)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (row.VerifiedAt is not null)
            {
                return new Changed<DomainVerification>(new DomainVerification(true, null, [], row.Show())) { Stale = Stale(row) };
            }

            if (Problem(row, found) is { } problem)
            {
                return new Changed<DomainVerification>(new DomainVerification(false, problem, found.Texts, row.Show()));
            }

            var verified = row with { VerifiedAt = time.GetUtcNow() };
            try
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "UPDATE domains SET verified_at = @VerifiedAt WHERE id = @id", new { verified.VerifiedAt, id }, transaction, cancellationToken: token));
            }
            catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
            {
                return OfAnother;
            }

            return new Changed<DomainVerification>(new DomainVerification(true, null, found.Texts, verified.Show()))
            {
                Stale = Stale(row),
                Event = request.Audit.About(SubjectType, id).Changed(row.Show(), verified.Show(), LicensingJson.Default.ShownDomain),
            };
        });
    }

    /// <summary>Removes a host.</summary>
    public Task<IResult> RemoveAsync(Guid tenantId, Guid id, ChangeRequest<DeletedAnswer> request) =>
        changes.InPlatformAsync<DeletedAnswer>(request, async (transaction, token) =>
        {
            if (await FindAsync(transaction.Connection!, transaction, tenantId, id, "FOR UPDATE", token) is not { } row)
            {
                return ApiErrors.ResourceNotFound;
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition("DELETE FROM domains WHERE id = @id", new { id }, transaction, cancellationToken: token));
            return new Changed<DeletedAnswer>(new DeletedAnswer(true, id))
            {
                Stale = Stale(row),
                Event = request.Audit.About(SubjectType, id).Unmade(row.Show(), LicensingJson.Default.ShownDomain),
            };
        });

    private static string? Problem(DomainRow row, FoundRecords found) =>
        row.RecordText is { } text && found.Texts.Contains(text, StringComparer.Ordinal) ? null
        : !found.HasAnswered ? LookupProblem.NoAnswer
        : found.Texts.Count == 0 ? LookupProblem.NoRecord
        : LookupProblem.OtherValue;

    private static Invalidation[] Stale(DomainRow row) => [CacheKeys.Host(row.Host)];

    private static Task<DomainRow?> FindAsync(DbConnection connection, DbTransaction? transaction, Guid tenantId, Guid id, string locking, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<DomainRow?>(new CommandDefinition(
            $"SELECT {DomainRow.Columns} FROM domains WHERE id = @id AND tenant_id = @tenantId {locking}",
            new { id, tenantId },
            transaction,
            cancellationToken: cancellationToken));
}
