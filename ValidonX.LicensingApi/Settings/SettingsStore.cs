using System.Data.Common;
using System.Globalization;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Offline;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Settings;

/// <summary>Settings, and the tag that names this state of them.</summary>
internal sealed record TaggedSettings(TenantSettings Settings, EntityTag Tag);

/// <summary>A tenant's settings, in its own database; those of plans are rows of the platform's.</summary>
internal sealed class SettingsStore(PlatformDatabase platform, TenantDatabases databases, StateChanges changes, CoherentCaches caches, TimeProvider time)
{
    private const string Version = "version";

    private readonly CoherentCache<string, PlanSettings> _plans = caches.Create<string, PlanSettings>(new CoherentCacheOptions<PlanSettings> { Type = "plan-settings" });

    /// <summary>The settings in force.</summary>
    public async Task<TaggedSettings> FindAsync(TenantPlacement placement, string plan, CancellationToken cancellationToken)
    {
        var ofPlan = await OfPlanAsync(plan, cancellationToken);
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await ReadAsync(scope.Connection, null, ofPlan, cancellationToken);
    }

    /// <summary>Changes those that are given, if they are as the caller has seen them.</summary>
    public async Task<IResult> ChangeAsync(TenantPlacement placement, string plan, SettingsChange change, IfMatch seen, ChangeRequest<TaggedSettings> request)
    {
        var ofPlan = await OfPlanAsync(plan, request.Aborted);
        return await changes.InTenantAsync<TaggedSettings>(placement, request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            var now = time.GetUtcNow();
            // Who changes settings waits here for who does so already; the number tells states apart that look the same.
            await connection.ExecuteAsync(new CommandDefinition(
                "INSERT INTO settings (name, value, updated_at) VALUES (@Version, '0', @now) ON DUPLICATE KEY UPDATE name = VALUES(name)",
                new { Version, now },
                transaction,
                cancellationToken: token));
            var before = await ReadAsync(connection, transaction, ofPlan, token);
            if (seen.Refusal(before.Tag) is { } refusal)
            {
                return refusal;
            }

            foreach (var (name, json) in change.Given())
            {
                await connection.ExecuteAsync(new CommandDefinition(
                    json is null
                        ? "DELETE FROM settings WHERE name = @name"
                        : "INSERT INTO settings (name, value, updated_at) VALUES (@name, @json, @now) ON DUPLICATE KEY UPDATE value = VALUES(value), updated_at = VALUES(updated_at)",
                    new { name, json, now },
                    transaction,
                    cancellationToken: token));
            }

            var after = await ReadAsync(connection, transaction, ofPlan, token);
            if (after.Tag == before.Tag)
            {
                return new Changed<TaggedSettings>(before) { Stale = [SigningKeys.Changed(placement.TenantId)] };
            }

            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE settings SET value = value + 1, updated_at = @now WHERE name = @Version",
                new { Version, now },
                transaction,
                cancellationToken: token));
            return new Changed<TaggedSettings>(await ReadAsync(connection, transaction, ofPlan, token))
            {
                Stale = [SigningKeys.Changed(placement.TenantId)],
                Event = (request.Audit with { SubjectType = "settings" }).Changed(before.Settings, after.Settings, LicensingJson.Default.TenantSettings),
            };
        });
    }

    /// <summary>The days of grace of a license that names none, in the transaction that makes it.</summary>
    public async Task<int> GraceDaysAsync(DbTransaction transaction, string plan, CancellationToken cancellationToken) =>
        (await ReadAsync(transaction.Connection!, transaction, await OfPlanAsync(plan, cancellationToken), cancellationToken)).Settings.LicenseGraceDays;

    private static async Task<TaggedSettings> ReadAsync(
        DbConnection connection, DbTransaction? transaction, IReadOnlyDictionary<string, string> ofPlan, CancellationToken cancellationToken)
    {
        var own = (await connection.QueryAsync<(string Name, string Value)>(new CommandDefinition(
            "SELECT name, value FROM settings", transaction: transaction, cancellationToken: cancellationToken)))
            .ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal);
        var settings = TenantSettings.Of(ofPlan, own);
        var version = own.GetValueOrDefault(Version, "0");
        return new TaggedSettings(
            settings,
            EntityTag.Of(string.Create(CultureInfo.InvariantCulture, $"{version}\n{System.Text.Json.JsonSerializer.Serialize(settings, LicensingJson.Default.TenantSettings)}")));
    }

    private async ValueTask<IReadOnlyDictionary<string, string>> OfPlanAsync(string plan, CancellationToken cancellationToken) =>
        (await _plans.GetAsync(
            CacheKey.OfPlatform(plan),
            async (_, token) =>
            {
                await using var connection = await platform.OpenAsync(token);
                return new PlanSettings((await connection.QueryAsync<(string Name, string Value)>(new CommandDefinition(
                    "SELECT name, value FROM plan_settings WHERE plan_code = @plan",
                    new { plan },
                    cancellationToken: token))).ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal));
            },
            cancellationToken))!.Values;

    private sealed record PlanSettings(IReadOnlyDictionary<string, string> Values);
}
