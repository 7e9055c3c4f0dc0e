using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using ValidonX.LicensingApi.Callers;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>
/// <c>Idempotency-Key</c> on writes (CONTRACT §1): the first answer is stored for 24 h per tenant (or operator) and given again. Kept is
/// what the request came to; what never ran (a body that cannot be read or has bad fields) or broke on our side may be sent again.
/// </summary>
/// <remarks>
/// The answer is stored after the work is committed, in another database: a process that dies in between leaves a lease, and the
/// repetition that takes it over does the work again. Where that must not be (usage), the key is part of the work itself.
/// </remarks>
internal sealed class IdempotencyMiddleware(RequestDelegate next, IdempotencyStore store)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<AcceptsIdempotencyKey>() is { IsAccepted: true }
        && !HttpMethods.IsGet(context.Request.Method)
        && IdempotencyKey.Of(context.Request) is { } key
            ? RunOnceAsync(context, key)
            : next(context);

    private async Task RunOnceAsync(HttpContext context, IdempotencyKey key)
    {
        var caller = context.GetCaller();
        var scope = caller.Context.TenantId ?? caller.Id;
        using var body = await ReadBodyAsync(context);
        var claim = await store.ClaimAsync(scope, key.Hash, RequestHash(context.Request, body), context.RequestAborted);
        switch (claim.Result)
        {
            case ClaimResult.Answered:
                await claim.Answer!.ReplayAsync(context);
                return;
            case ClaimResult.InProgress:
                await Envelope.WriteErrorAsync(context, ApiErrors.IdempotencyInProgress);
                return;
            case ClaimResult.Reused:
                await Envelope.WriteErrorAsync(context, ApiErrors.IdempotencyKeyReused);
                return;
        }

        var isKept = false;
        try
        {
            using var answer = new MemoryStream();
            var mayKeep = await CaptureAsync(context, answer);
            if (mayKeep)
            {
                await store.CompleteAsync(scope, key.Hash, claim, StoredAnswer.Capture(context.Response, answer.ToArray()));
                isKept = true;
            }

            await context.Response.Body.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length), context.RequestAborted);
        }
        finally
        {
            if (!isKept)
            {
                await store.ReleaseAsync(scope, key.Hash, claim);
            }
        }
    }

    /// <summary>Runs the request with its answer going into the stream; tells whether the answer may be kept.</summary>
    private async Task<bool> CaptureAsync(HttpContext context, MemoryStream answer)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var capture = new StreamResponseBodyFeature(answer, body);
        context.Features.Set<IHttpResponseBodyFeature>(capture);
        try
        {
            var mayKeep = true;
            try
            {
                await next(context);
            }
            catch (ApiException refusal)
            {
                mayKeep = refusal.Error.Code != "VALIDATION.FAILED" && refusal.Error.Status is not (400 or 413 or 415);
                await Envelope.WriteErrorAsync(context, refusal.Error);
            }

            await capture.CompleteAsync();
            return mayKeep && context.Response.StatusCode is < 500 and not StatusCodes.Status429TooManyRequests;
        }
        finally
        {
            context.Features.Set(body);
        }
    }

    private static async Task<MemoryStream> ReadBodyAsync(HttpContext context)
    {
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        body.Position = 0;
        context.Request.Body = body;
        return body;
    }

    private static byte[] RequestHash(HttpRequest request, MemoryStream body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes($"{request.Method} {request.Path}{request.QueryString}\n"));
        hash.AppendData(body.GetBuffer(), 0, (int)body.Length);
        return hash.GetHashAndReset();
    }
}
