using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Changes;

/// <summary>A change that a caller asks for.</summary>
/// <param name="Audit">Who does what by which request.</param>
/// <param name="Answer">How its success is answered.</param>
/// <param name="Claim">The claim of the request's Idempotency-Key, if it has one.</param>
/// <param name="Aborted">The caller has gone; heeded until the commit.</param>
internal sealed record ChangeRequest<T>(AuditEvent Audit, Func<T, IApiResult> Answer, IdempotencyClaim? Claim, CancellationToken Aborted)
    where T : class;

internal static class ChangeOfRequest
{
    /// <summary>The change that this request asks for.</summary>
    /// <param name="context">The request.</param>
    /// <param name="action">What it is called in the audit log.</param>
    /// <param name="tenantId">Whose it is, if one tenant's.</param>
    /// <param name="answer">How its success is answered.</param>
    public static ChangeRequest<T> Change<T>(this HttpContext context, string action, Guid? tenantId, Func<T, IApiResult> answer)
        where T : class =>
        new(context.GetCaller().Audit(context, action, tenantId), answer, context.Features.Get<IdempotencyClaim>(), context.RequestAborted);
}
