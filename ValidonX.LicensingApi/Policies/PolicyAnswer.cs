using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Policies;

/// <summary>The answer that holds a policy.</summary>
/// <param name="Policy">Its members; what is null is not said.</param>
internal sealed record PolicyAnswer(Policy Policy);

/// <summary>Policies as they are answered.</summary>
internal static class PolicyAnswers
{
    /// <summary>The tag that names these rules.</summary>
    public static EntityTag Tag(this Policy policy) => EntityTag.Of(policy.ToText() ?? "");

    /// <summary>The answer that shows them.</summary>
    public static IApiResult Answer(this Policy policy) => ApiResult.Ok(new PolicyAnswer(policy), LicensingJson.Default.PolicyAnswer).Tagged(policy.Tag());
}
