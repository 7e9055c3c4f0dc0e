using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>
/// A license as it is kept in memory for the Integration API: what decides, and the answers to "validate" as bytes, one for each state,
/// rendered when first needed. Which of them counts is decided by the clock at the moment of the answer.
/// </summary>
internal sealed class LicenseView(Guid id, string key, LicenseTerms terms, IReadOnlyCollection<Entitlement> entitlements)
{
    private readonly byte[]?[] _validities = new byte[]?[(int)LicenseState.Revoked + 1];
    private int _isUseNoted;

    /// <summary>The license's id.</summary>
    public Guid Id { get; } = id;

    /// <summary>Its key.</summary>
    public string Key { get; } = key;

    /// <summary>What decides about it.</summary>
    public LicenseTerms Terms { get; } = terms;

    /// <summary>Its entitlements by code.</summary>
    public IReadOnlyDictionary<string, Entitlement> Entitlements { get; } = entitlements.ToDictionary(one => one.Code, StringComparer.Ordinal);

    /// <summary>Its entitlements as answers show them, a JSON object; rendered when first needed.</summary>
    public string ShownEntitlements => field ??= Entitlement.ToFlatObject(Entitlements.Values);

    /// <summary>Whether the license is good in a state.</summary>
    public static bool IsValid(LicenseState state) => state is LicenseState.Active or LicenseState.Grace;

    /// <summary>Why the license is not good in a state.</summary>
    public static string? Reason(LicenseState state) =>
        state switch
        {
            LicenseState.Active or LicenseState.Grace => null,
            LicenseState.Suspended => Reasons.LicenseSuspended,
            _ => Reasons.LicenseExpired,
        };

    /// <summary>Why the license is refused that is good in a state, by its policy.</summary>
    public ApiError? Refusal(LicenseState state, string? region, DateTimeOffset now) =>
        IsValid(state) ? Restrictions.Refusal(Terms.Policy, region, now) : null;

    /// <summary>The license as shown in a state.</summary>
    public ShownLicense Show(LicenseState state) =>
        new()
        {
            Id = Id,
            Key = Key,
            Type = Terms.Type.Word(),
            Status = ShownLicenseStatus.Of(state),
            ExpiresAt = Terms.ExpiresAt,
            GracePeriodEndsAt = state == LicenseState.Grace ? Terms.EndsAt : null,
            Entitlements = new RawJson(ShownEntitlements),
        };

    /// <summary>The whole answer to "validate" in a state, as JSON.</summary>
    public ReadOnlyMemory<byte> Validity(LicenseState state) =>
        _validities[(int)state] ??= Envelope.Render(new LicenseValidity(IsValid(state), Show(state)) { Reason = Reason(state) }, LicensingJson.Default.LicenseValidity);

    /// <summary>The same with the verdict signed, too: a text that needs no escapes.</summary>
    public byte[] Validity(LicenseState state, ReadOnlySpan<byte> lease) => [.. Validity(state).Span[..^1], .. ",\"lease\":\""u8, .. lease, .. "\"}"u8];

    /// <summary>Whether this is the first use since <see cref="ForgetUse"/>, so that noting every further one costs one read.</summary>
    public bool TryNoteUse() => Volatile.Read(ref _isUseNoted) == 0 && Interlocked.Exchange(ref _isUseNoted, 1) == 0;

    /// <summary>The use was written; the next one is to be noted again.</summary>
    public void ForgetUse() => Volatile.Write(ref _isUseNoted, 0);
}
