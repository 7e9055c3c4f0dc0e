using System.Data.Common;
using System.Globalization;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Plans;

/// <summary>
/// Operators' plans. What a change means for rate limits and for who may choose what is in force on every replica when it returns; the entitlements in the
/// databases of the tenants that have the plan are brought up to it by the provisioner, which finds them by the plan's version.
/// </summary>
internal sealed class PlanEditor(PlatformDatabase platform, StateChanges changes)
{
    private const string SubjectType = "plan";

    /// <summary>Gateways and licensing APIs keep what tenants are allowed, made from plans, under every tenant's name.</summary>
    private static readonly IReadOnlyCollection<Invalidation> Stale = [Invalidation.Everything];

    /// <summary>All plans, in the order in which they are shown.</summary>
    public async Task<IReadOnlyList<OperatorPlan>> ListAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await ReadAsync(connection, null, null, cancellationToken);
    }

    /// <summary>One plan.</summary>
    public async Task<OperatorPlan?> FindAsync(string code, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, code, cancellationToken);
    }

    /// <summary>Makes one.</summary>
    public async Task<IResult> CreateAsync(NewPlan plan, ChangeRequest<OperatorPlan> request)
    {
        try
        {
            return await changes.InPlatformAsync<OperatorPlan>(request, async (transaction, token) =>
            {
                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    """
                    INSERT INTO plans (code, name, position, price_cents, currency, billing_period, is_public, trial_days)
                    VALUES (@Code, @Name, @Position, @PriceCents, @Currency, @period, @Public, @TrialDays)
                    """,
                    new { plan.Code, plan.Name, plan.Position, plan.PriceCents, plan.Currency, period = plan.BillingPeriod.Word(), plan.Public, plan.TrialDays },
                    transaction,
                    cancellationToken: token));
                await InsertPartsAsync(transaction, plan.Code, plan, token);
                return await ChangedAsync(transaction, plan.Code, request, before: null, token);
            });
        }
        catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
        {
            return ApiResult.Error(ApiErrors.Conflict($"There is a plan '{plan.Code}' already."));
        }
    }

    /// <summary>Makes an existing one what is given, unless somebody else has changed it meanwhile.</summary>
    public Task<IResult> ReplaceAsync(string code, PlanReplacement plan, ChangeRequest<OperatorPlan> request) =>
        changes.InPlatformAsync<OperatorPlan>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, code, token) is not { } version)
            {
                return ApiErrors.ResourceNotFound;
            }

            var before = (await FindAsync(transaction.Connection!, transaction, code, token))!;
            if (version != plan.Version)
            {
                return ApiErrors.Conflict($"The plan was changed meanwhile: its version is {version.ToString(CultureInfo.InvariantCulture)}.");
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                UPDATE plans
                SET name = @Name, position = @Position, price_cents = @PriceCents, currency = @Currency, billing_period = @period, is_public = @Public,
                    trial_days = @TrialDays, version = version + 1
                WHERE code = @code;
                DELETE FROM plan_entitlements WHERE plan_code = @code;
                DELETE FROM plan_meters WHERE plan_code = @code
                """,
                new { code, plan.Name, plan.Position, plan.PriceCents, plan.Currency, period = plan.BillingPeriod.Word(), plan.Public, plan.TrialDays },
                transaction,
                cancellationToken: token));
            await InsertPartsAsync(transaction, code, plan, token);
            return await ChangedAsync(transaction, code, request, before, token);
        });

    /// <summary>Deletes one that no tenant has or ever had.</summary>
    public async Task<IResult> DeleteAsync(string code, ChangeRequest<DeletedPlan> request)
    {
        try
        {
            return await changes.InPlatformAsync<DeletedPlan>(request, async (transaction, token) =>
            {
                if (await LockAsync(transaction, code, token) is null)
                {
                    return ApiErrors.ResourceNotFound;
                }

                var plan = (await FindAsync(transaction.Connection!, transaction, code, token))!;
                if (plan.Tenants > 0)
                {
                    return ApiErrors.Conflict($"{plan.Tenants.ToString(CultureInfo.InvariantCulture)} tenants have the plan; take it off the list with public: false instead.");
                }

                await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                    "DELETE FROM plan_entitlements WHERE plan_code = @code; DELETE FROM plan_meters WHERE plan_code = @code; DELETE FROM plans WHERE code = @code", new { code }, transaction, cancellationToken: token));
                return new Changed<DeletedPlan>(new DeletedPlan(true, code))
                {
                    Stale = Stale,
                    Event = (request.Audit with { SubjectType = SubjectType, SubjectId = code }).Unmade(plan, LicensingJson.Default.OperatorPlan),
                };
            });
        }
        catch (DbException used) when (DatabaseError.IsReferenced(used))
        {
            // A tenant or subscription has come to it after the look.
            return ApiResult.Error(ApiErrors.Conflict("The plan is in use."));
        }
    }

    private static async Task<Changed<OperatorPlan>> ChangedAsync(
        DbTransaction transaction, string code, ChangeRequest<OperatorPlan> request, OperatorPlan? before, CancellationToken cancellationToken)
    {
        var after = (await FindAsync(transaction.Connection!, transaction, code, cancellationToken))!;
        var audit = request.Audit with { SubjectType = SubjectType, SubjectId = code };
        return new Changed<OperatorPlan>(after)
        {
            Stale = Stale,
            Event = before is null ? audit.Made(after, LicensingJson.Default.OperatorPlan) : audit.Changed(before, after, LicensingJson.Default.OperatorPlan),
        };
    }

    private static Task<long?> LockAsync(DbTransaction transaction, string code, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<long?>(new CommandDefinition(
            "SELECT version FROM plans WHERE code = @code FOR UPDATE", new { code }, transaction, cancellationToken: cancellationToken));

    private static async Task InsertPartsAsync(DbTransaction transaction, string code, PlanTerms plan, CancellationToken cancellationToken)
    {
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO plan_entitlements (plan_code, code, kind, value) VALUES (@plan, @Code, @Kind, @Value)",
            plan.Entitlements.List.Select(one => new { plan = code, one.Code, one.Kind, one.Value }),
            transaction,
            cancellationToken: cancellationToken));
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO plan_meters (plan_code, metric, included, unit, price_cents) VALUES (@plan, @Metric, @Included, @Unit, @PriceCents)",
            plan.Meters.Select(one => new { plan = code, one.Metric, one.Included, one.Unit, one.PriceCents }),
            transaction,
            cancellationToken: cancellationToken));
    }

    private static async Task<OperatorPlan?> FindAsync(DbConnection connection, DbTransaction? transaction, string code, CancellationToken cancellationToken) =>
        (await ReadAsync(connection, transaction, code, cancellationToken)).SingleOrDefault();

    private static async Task<IReadOnlyList<OperatorPlan>> ReadAsync(DbConnection connection, DbTransaction? transaction, string? code, CancellationToken cancellationToken)
    {
        await using var rows = await connection.QueryMultipleAsync(new CommandDefinition(
            $"""
            SELECT {PlanRow.Columns} FROM plans WHERE @code IS NULL OR code = @code ORDER BY position, code;
            {PlanParts.Sql};
            SELECT plan_code, COUNT(*) FROM tenants WHERE @code IS NULL OR plan_code = @code GROUP BY plan_code
            """,
            new { code },
            transaction,
            cancellationToken: cancellationToken));
        var plans = (await rows.ReadAsync<PlanRow>()).AsList();
        var parts = await PlanParts.ReadAsync(rows);
        var tenants = (await rows.ReadAsync<(string Plan, long Count)>()).ToDictionary(row => row.Plan, row => row.Count, StringComparer.Ordinal);
        return [.. plans.Select(plan => plan.ShowToOperator(parts, tenants.GetValueOrDefault(plan.Code)))];
    }
}
