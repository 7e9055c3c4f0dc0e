using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using ValidonX.ServiceDefaults.Health;

namespace ValidonX.Platform.Api;

/// <summary>Health reports in the envelope, for <c>MapDefaultEndpoints</c>.</summary>
public static class HealthEnvelope
{
    /// <summary>Answers <c>{data: {status, checks}, meta}</c> with the status code that the framework chose.</summary>
    public static Task WriteAsync(HttpContext context, HealthReport report) =>
        Envelope.WriteRawAsync(context, context.Response.StatusCode, HealthAnswer.ToJson(report));
}
