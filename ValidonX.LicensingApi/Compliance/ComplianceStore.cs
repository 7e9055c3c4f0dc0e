using System.Data.Common;
using System.Text.Json;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tenants;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Compliance;

/// <summary>Rules about where data may lie, as rows: which regions a rule allows, and which tenants are under it. They are checked where a tenant is placed.</summary>
internal sealed class ComplianceStore(PlatformDatabase platform, StateChanges changes, TimeProvider time)
{
    private const string Shown =
        """
        SELECT r.id, r.code, r.name, r.allowed_regions, r.created_at, r.updated_at,
          (SELECT COUNT(*) FROM tenant_compliance c JOIN tenants t ON t.id = c.tenant_id WHERE c.rule_id = r.id AND t.status <> 'closed') AS tenants,
          (SELECT COUNT(*) FROM tenant_compliance c JOIN tenants t ON t.id = c.tenant_id WHERE c.rule_id = r.id AND t.status <> 'closed'
             AND NOT JSON_CONTAINS(r.allowed_regions, JSON_QUOTE(CONVERT(t.region USING utf8mb4)))) AS violations
        FROM compliance_rules r
        """;

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<ComplianceRule> Items, string? NextCursor)> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Row>(new CommandDefinition(
            $"{Shown} {(page.Before is null ? "" : "WHERE r.id < @Before")} ORDER BY r.id DESC LIMIT @take",
            new { page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut<ComplianceRule>([.. rows.Select(row => row.Show())], rule => rule.Id);
    }

    /// <summary>One rule, or <see langword="null"/>.</summary>
    public async Task<ComplianceRule?> FindAsync(string code, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, code, "", cancellationToken);
    }

    /// <summary>Makes a rule, or replaces all that one says. Tenants that lie elsewhere already are counted, not moved.</summary>
    public Task<IResult> PutAsync(string code, ComplianceRuleRequest wanted, ChangeRequest<ComplianceRule> request) =>
        changes.InPlatformAsync<ComplianceRule>(request, async (transaction, token) =>
        {
            var (connection, now, id) = (transaction.Connection!, time.GetUtcNow(), Guid.CreateVersion7());
            // Whoever else writes this code waits here, also when it is not there yet.
            await connection.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO compliance_rules (id, code, name, allowed_regions, created_at, updated_at) VALUES (@id, @code, @Name, '[]', @now, @now)
                ON DUPLICATE KEY UPDATE code = VALUES(code)
                """,
                new { id, code, wanted.Name, now },
                transaction,
                cancellationToken: token));
            var before = (await FindAsync(connection, transaction, code, "", token))!;
            if (before.Name == wanted.Name && before.AllowedRegions.SequenceEqual(wanted.AllowedRegions, StringComparer.Ordinal))
            {
                return new Changed<ComplianceRule>(before);
            }

            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE compliance_rules SET name = @Name, allowed_regions = @regions, updated_at = @now WHERE id = @Id",
                new { before.Id, wanted.Name, regions = ToJson(wanted.AllowedRegions), now },
                transaction,
                cancellationToken: token));
            var after = (await FindAsync(connection, transaction, code, "", token))!;
            var audit = request.Audit.About("compliance_rule", before.Id);
            return new Changed<ComplianceRule>(after)
            {
                Event = before.Id == id ? audit.Made(after, LicensingJson.Default.ComplianceRule) : audit.Changed(before, after, LicensingJson.Default.ComplianceRule),
            };
        });

    /// <summary>Takes a rule away that no tenant is under.</summary>
    public Task<IResult> DeleteAsync(string code, ChangeRequest<DeletedAnswer> request) =>
        changes.InPlatformAsync<DeletedAnswer>(request, async (transaction, token) =>
        {
            if (await FindAsync(transaction.Connection!, transaction, code, "FOR UPDATE", token) is not { } rule)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (await transaction.Connection!.ExecuteScalarAsync<bool>(new CommandDefinition(
                "SELECT EXISTS (SELECT 1 FROM tenant_compliance WHERE rule_id = @Id)",
                new { rule.Id },
                transaction,
                cancellationToken: token)))
            {
                return ApiErrors.Conflict("Tenants are under this rule.");
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "DELETE FROM compliance_rules WHERE id = @Id",
                new { rule.Id },
                transaction,
                cancellationToken: token));
            return new Changed<DeletedAnswer>(new DeletedAnswer(true, rule.Id))
            {
                Event = request.Audit.About("compliance_rule", rule.Id).Unmade(rule, LicensingJson.Default.ComplianceRule),
            };
        });

    /// <summary>What a tenant is under, or <see langword="null"/> when there is no such tenant.</summary>
    public async Task<TenantCompliance?> OfTenantAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            "SELECT region FROM tenants WHERE id = @tenantId",
            new { tenantId },
            cancellationToken: cancellationToken)) is { } region
            ? await OfTenantAsync(connection, null, tenantId, region, cancellationToken)
            : null;
    }

    /// <summary>Puts a tenant under exactly these rules, all of which have to allow the region where it is.</summary>
    public Task<IResult> PutTenantAsync(Guid tenantId, IReadOnlyList<string> codes, ChangeRequest<TenantCompliance> request) =>
        changes.InPlatformAsync<TenantCompliance>(request, async (transaction, token) =>
        {
            if (await TenantQueries.LockAsync(transaction, tenantId, token) is not { } tenant)
            {
                return ApiErrors.TenantNotFound;
            }

            var before = await OfTenantAsync(transaction.Connection!, transaction, tenantId, tenant.Region, token);
            if (await ApplyAsync(transaction, tenantId, tenant.Region, codes, "rules", token) is { } refusal)
            {
                return refusal;
            }

            var after = await OfTenantAsync(transaction.Connection!, transaction, tenantId, tenant.Region, token);
            return new Changed<TenantCompliance>(after)
            {
                Event = before.Rules.Select(rule => rule.Code).SequenceEqual(after.Rules.Select(rule => rule.Code), StringComparer.Ordinal)
                    ? null
                    : request.Audit.About("tenant", tenantId).Changed(before, after, LicensingJson.Default.TenantCompliance),
            };
        });

    /// <summary>Puts a tenant under these rules, in the transaction that places it; says why not when one does not allow its region, or is none.</summary>
    public static async Task<ApiError?> ApplyAsync(
        DbTransaction transaction, Guid tenantId, string region, IReadOnlyList<string> codes, string field, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        var wanted = codes.Distinct(StringComparer.Ordinal).Where(ComplianceCodes.IsCode).ToList();
        // Shared, so that no rule is narrowed between this look and the commit without the tenant being counted.
        var rules = wanted.Count == 0
            ? new List<(Guid Id, string Code, string AllowedRegions)>()
            : (await connection.QueryAsync<(Guid Id, string Code, string AllowedRegions)>(new CommandDefinition(
                "SELECT id, code, allowed_regions FROM compliance_rules WHERE code IN @wanted ORDER BY code LOCK IN SHARE MODE",
                new { wanted },
                transaction,
                cancellationToken: cancellationToken))).AsList();
        var unknown = codes.Except(rules.Select(rule => rule.Code), StringComparer.Ordinal).ToList();
        if (unknown.Count > 0)
        {
            return ApiErrors.ValidationFailed(field, "There is no such rule.");
        }

        var forbidding = rules.Where(rule => !FromJson(rule.AllowedRegions).Contains(region, StringComparer.Ordinal)).Select(rule => rule.Code).ToList();
        if (forbidding.Count > 0)
        {
            return ApiErrors.ValidationFailed(field, $"The region '{region}' is not allowed by: {string.Join(", ", forbidding)}.");
        }

        await connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM tenant_compliance WHERE tenant_id = @tenantId",
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));
        await connection.ExecuteAsync(new CommandDefinition(
            "INSERT INTO tenant_compliance (tenant_id, rule_id) VALUES (@tenantId, @Id)",
            rules.Select(rule => new { tenantId, rule.Id }),
            transaction,
            cancellationToken: cancellationToken));
        return null;
    }

    private static async Task<TenantCompliance> OfTenantAsync(
        DbConnection connection, DbTransaction? transaction, Guid tenantId, string region, CancellationToken cancellationToken)
    {
        var rules = (await connection.QueryAsync<(string Code, string Name, string AllowedRegions)>(new CommandDefinition(
            """
            SELECT r.code, r.name, r.allowed_regions FROM tenant_compliance c JOIN compliance_rules r ON r.id = c.rule_id WHERE c.tenant_id = @tenantId ORDER BY r.code
            """,
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken))).Select(row => new AppliedRule(row.Code, row.Name, FromJson(row.AllowedRegions))).ToList();
        return new TenantCompliance(region, rules.TrueForAll(rule => rule.AllowedRegions.Contains(region, StringComparer.Ordinal)), rules);
    }

    private static async Task<ComplianceRule?> FindAsync(DbConnection connection, DbTransaction? transaction, string code, string locked, CancellationToken cancellationToken) =>
        (await connection.QuerySingleOrDefaultAsync<Row?>(new CommandDefinition(
            $"{Shown} WHERE r.code = @code {locked}", new { code }, transaction, cancellationToken: cancellationToken)))?.Show();

    private static string ToJson(IReadOnlyList<string> texts) => JsonSerializer.Serialize(texts, LicensingJson.Default.IReadOnlyListString);

    private static IReadOnlyList<string> FromJson(string json) => JsonSerializer.Deserialize(json, LicensingJson.Default.IReadOnlyListString) ?? [];

    private sealed record Row
    {
        public Guid Id { get; init; }

        public string Code { get; init; } = "";

        public string Name { get; init; } = "";

        public string AllowedRegions { get; init; } = "[]";

        public long Tenants { get; init; }

        public long Violations { get; init; }

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset UpdatedAt { get; init; }

        public ComplianceRule Show() => new(Id, Code, Name, FromJson(AllowedRegions), Tenants, Violations, CreatedAt, UpdatedAt);
    }
}
