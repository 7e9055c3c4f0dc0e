using Dapper;
using ValidonX.Platform.Plans;

namespace ValidonX.LicensingApi.Plans;

/// <summary>What belongs to plans, by their codes.</summary>
internal sealed record PlanParts(ILookup<string, TenantEntitlement> Entitlements, ILookup<string, ShownMeter> Meters)
{
    /// <summary>The statements that read them; of one plan when <c>@code</c> is not null.</summary>
    public const string Sql =
        """
        SELECT plan_code, code, kind, value FROM plan_entitlements WHERE @code IS NULL OR plan_code = @code ORDER BY plan_code, code;
        SELECT plan_code, metric, included, unit, price_cents FROM plan_meters WHERE @code IS NULL OR plan_code = @code ORDER BY plan_code, metric
        """;

    /// <summary>Reads the next two results.</summary>
    public static async Task<PlanParts> ReadAsync(SqlMapper.GridReader rows) =>
        new(
            (await rows.ReadAsync<EntitlementRow>()).ToLookup(
                row => row.PlanCode, row => new TenantEntitlement { Code = row.Code, Kind = row.Kind, Value = row.Value }, StringComparer.Ordinal),
            (await rows.ReadAsync<MeterRow>()).ToLookup(row => row.PlanCode, row => new ShownMeter(row.Metric, row.Included, row.Unit, row.PriceCents), StringComparer.Ordinal));

    private sealed record EntitlementRow
    {
        public string PlanCode { get; init; } = "";

        public string Code { get; init; } = "";

        public string Kind { get; init; } = "";

        public long? Value { get; init; }
    }

    private sealed record MeterRow
    {
        public string PlanCode { get; init; } = "";

        public string Metric { get; init; } = "";

        public long Included { get; init; }

        public long Unit { get; init; }

        public long PriceCents { get; init; }
    }
}
