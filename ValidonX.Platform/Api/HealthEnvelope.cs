using Microsoft.AspNetCore.Http;

namespace ValidonX.Platform.Api;

/// <summary>Health answers in the envelope, for <c>MapDefaultEndpoints</c>.</summary>
public static class HealthEnvelope
{
    /// <summary>Answers <c>{data: {status, …}, meta}</c>.</summary>
    public static Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> health) => Envelope.WriteRawAsync(context, status, health);
}
