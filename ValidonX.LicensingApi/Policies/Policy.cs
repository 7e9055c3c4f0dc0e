using System.Text.Json.Serialization;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Policies;

/// <summary>
/// The rules of a product's licenses. Every member may be absent: a license's overrides the product's, which overrides the platform's default.
/// </summary>
internal sealed record Policy : IRequest, IChecked
{
    public const string OverageNone = "none";
    public const string FromCreation = "creation";
    public const string FromFirstActivation = "first_activation";
    public const string MatchAny = "any";
    public const string MatchMost = "most";
    public const string MatchAll = "all";

    /// <summary>Nothing is said.</summary>
    public static Policy None { get; } = new();

    /// <summary>What holds where nobody says anything. What is null here has no rule, or one of the tenant's settings or plan.</summary>
    public static Policy Defaults { get; } = new()
    {
        Overage = OverageNone,
        ExpiresFrom = FromCreation,
        HeartbeatSeconds = 600,
        LeaseGraceSeconds = 300,
        FingerprintMatch = MatchMost,
    };

    /// <summary>Seats of a license. The license's own entitlement `activations.max` goes before the product's number; with neither the plan's counts.</summary>
    [Whole(0, 10_000_000)]
    [Example("20")]
    public int? MaxActivations { get; init; }

    /// <summary>Days after the expiry in which a license is still valid.</summary>
    [Whole(0, 3_650)]
    [Example("14")]
    public int? GraceDays { get; init; }

    /// <summary>How many seats more than that may be taken, as a factor; parts of a seat are none.</summary>
    [Words(OverageNone, "1.25x", "1.5x", "2x", "unlimited")]
    public string? Overage { get; init; }

    /// <summary>From when on `duration_days` count, for a license that is made without an expiry.</summary>
    [Words(FromCreation, FromFirstActivation)]
    public string? ExpiresFrom { get; init; }

    /// <summary>After how many days a license expires that is made without an expiry; absent: never.</summary>
    [Whole(1, 36_500)]
    [Example("365")]
    public int? DurationDays { get; init; }

    /// <summary>How often, in seconds, the holder of a leased seat is to send a heartbeat.</summary>
    [Whole(1, 2_592_000)]
    [Example("600")]
    public int? HeartbeatSeconds { get; init; }

    /// <summary>How many seconds a heartbeat may be late before the seat is free again.</summary>
    [Whole(0, 2_592_000)]
    [Example("300")]
    public int? LeaseGraceSeconds { get; init; }

    /// <summary>How many of a machine's components have to be as they were for it to be the same machine: any one, more than half, or all.</summary>
    [Words(MatchAny, MatchMost, MatchAll)]
    public string? FingerprintMatch { get; init; }

    /// <summary>How often the seats of a license may go from one machine to another; absent: as often as they like.</summary>
    public ChurnBudget? Churn { get; init; }

    /// <summary>The longest, in days, that a signed verdict or a license file is good without asking; 0: there are none. Absent: as the tenant's settings say.</summary>
    [Whole(0, 1_830)]
    [Example("30")]
    public int? OfflineDays { get; init; }

    /// <summary>The only regions where a license is good: ISO 3166-1 countries such as `DE`, or ISO 3166-2 parts of them such as `DE-BY`. Empty: all.</summary>
    [Regions]
    [Example("""["DE", "AT"]""")]
    public IReadOnlyList<string>? AllowedRegions { get; init; }

    /// <summary>Regions where a license is not good.</summary>
    [Regions]
    [Example("""["CH"]""")]
    public IReadOnlyList<string>? DeniedRegions { get; init; }

    /// <summary>From when on a license is good.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>The only hours in which a license is good.</summary>
    public AllowedHours? AllowedHours { get; init; }

    /// <summary>Whether region or time decide about a license.</summary>
    [JsonIgnore]
    public bool IsRestricting => ValidFrom is not null || AllowedHours is not null || NeedsRegion;

    /// <summary>Whether the region decides.</summary>
    [JsonIgnore]
    public bool NeedsRegion => AllowedRegions is { Count: > 0 } || DeniedRegions is { Count: > 0 };

    /// <summary>Until when a heartbeat of now holds a leased seat. A lease never gets shorter, because verdicts may have been signed for all of it.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="current">Until when it is held already.</param>
    public DateTimeOffset LeaseFrom(DateTimeOffset now, DateTimeOffset? current)
    {
        var end = now.AddSeconds((HeartbeatSeconds ?? Defaults.HeartbeatSeconds!.Value) + (LeaseGraceSeconds ?? Defaults.LeaseGraceSeconds!.Value));
        return current > end ? current.Value : end;
    }

    /// <summary>These members, and where there are none those of the other one.</summary>
    public Policy Over(Policy under) =>
        new()
        {
            MaxActivations = MaxActivations ?? under.MaxActivations,
            GraceDays = GraceDays ?? under.GraceDays,
            Overage = Overage ?? under.Overage,
            ExpiresFrom = ExpiresFrom ?? under.ExpiresFrom,
            DurationDays = DurationDays ?? under.DurationDays,
            HeartbeatSeconds = HeartbeatSeconds ?? under.HeartbeatSeconds,
            LeaseGraceSeconds = LeaseGraceSeconds ?? under.LeaseGraceSeconds,
            FingerprintMatch = FingerprintMatch ?? under.FingerprintMatch,
            Churn = Churn ?? under.Churn,
            OfflineDays = OfflineDays ?? under.OfflineDays,
            AllowedRegions = AllowedRegions ?? under.AllowedRegions,
            DeniedRegions = DeniedRegions ?? under.DeniedRegions,
            ValidFrom = ValidFrom ?? under.ValidFrom,
            AllowedHours = AllowedHours ?? under.AllowedHours,
        };

    /// <summary>The seats that may be taken of so many that were sold; <see langword="null"/> is unlimited.</summary>
    public long? WithOverage(long? seats) =>
        Overage switch
        {
            "1.25x" => seats * 5 / 4,
            "1.5x" => seats * 3 / 2,
            "2x" => seats * 2,
            "unlimited" => null,
            _ => seats,
        };

    /// <summary>When a license expires that is made now, or activated for the first time, without an expiry of its own.</summary>
    /// <param name="from">Which of the two it is.</param>
    /// <param name="now">The moment.</param>
    public DateTimeOffset? ExpiryFrom(string from, DateTimeOffset now) => DurationDays is { } days && (ExpiresFrom ?? FromCreation) == from ? now.AddDays(days) : null;

    /// <summary>As it is stored: a JSON object of the members that are there; <see langword="null"/> when none is.</summary>
    public string? ToText() => this == None ? null : System.Text.Json.JsonSerializer.Serialize(this, StoredPolicyJson.Default.Policy);

    /// <summary>Reads what is stored.</summary>
    public static Policy Parse(string? text) => text is null ? None : System.Text.Json.JsonSerializer.Deserialize(text, StoredPolicyJson.Default.Policy)!;

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (AllowedRegions is { } allowed && DeniedRegions is { } denied && allowed.Intersect(denied, StringComparer.Ordinal).FirstOrDefault() is { } both)
        {
            at.Of("denied_regions").Fail($"Must not have what allowed_regions has: {both}.");
        }
    }
}
