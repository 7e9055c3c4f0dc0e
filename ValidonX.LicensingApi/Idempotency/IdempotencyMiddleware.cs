using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Callers;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>
/// <c>Idempotency-Key</c> on writes (CONTRACT §1): the first answer is stored for 24 h per tenant (or operator) and given again. Kept is
/// what the request came to; what never ran (a body that cannot be read or has bad fields) or broke on our side may be sent again.
/// </summary>
/// <remarks>
/// A change keeps its answer itself, in its own transaction (<see cref="Changes.StateChanges"/>). So nothing that happens here after the commit (the caller
/// hangs up, the answer cannot be stored, the process dies) makes a repetition do the work again. See docs/decisions/0011-idempotency.md.
/// </remarks>
internal sealed partial class IdempotencyMiddleware(RequestDelegate next, IdempotencyStore store, ICoherence coherence, ILogger<IdempotencyMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<AcceptsIdempotencyKey>() is { IsAccepted: true }
        && !HttpMethods.IsGet(context.Request.Method)
        && IdempotencyKey.Of(context.Request) is { } key
            ? RunOnceAsync(context, key)
            : next(context);

    private async Task RunOnceAsync(HttpContext context, IdempotencyKey key)
    {
        var scope = Scope(context);
        using var body = await ReadBodyAsync(context);
        var found = await store.ClaimAsync(scope, key.Hash, RequestHash(context.Request, body));
        if (found.Refusal is { } refusal)
        {
            await Envelope.WriteErrorAsync(context, refusal);
        }
        else if (found.Answer is { } earlier)
        {
            if (found.IsOwed)
            {
                await coherence.InvalidateAsync(earlier.ReadStale(), CancellationToken.None);
                await TryAsync(() => store.SettleAsync(scope, key.Hash));
            }

            await earlier.ExecuteAsync(context);
        }
        else
        {
            context.Features.Set(found.Claim!);
            await RunAsync(context, found.Claim!);
        }
    }

    /// <summary>Of a tenant's routes the tenant; of one's own account's the user: a colleague who takes the same key must not be shown a token.</summary>
    private static Guid Scope(HttpContext context)
    {
        var caller = context.GetCaller();
        return context.GetEndpoint()?.Metadata.GetMetadata<CallerRequirement>() is { IsOfTenant: true } ? caller.Context.TenantId ?? caller.Id : caller.Id;
    }

    private async Task RunAsync(HttpContext context, IdempotencyClaim claim)
    {
        using var answer = new AnswerBuffer();
        var mayKeep = false;
        try
        {
            mayKeep = await CaptureAsync(context, answer);
        }
        finally
        {
            if (!mayKeep)
            {
                await TryAsync(() => store.ReleaseAsync(claim));
            }
        }

        if (mayKeep)
        {
            await TryAsync(() => store.CompleteAsync(claim, StoredAnswer.Capture(context.Response, answer.ToArray())));
        }

        await context.Response.Body.WriteAsync(answer.GetBuffer().AsMemory(0, (int)answer.Length), context.RequestAborted);
    }

    /// <summary>Runs the request with its answer going into the stream; tells whether the answer may be kept.</summary>
    private async Task<bool> CaptureAsync(HttpContext context, AnswerBuffer answer)
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
                mayKeep = KeptAnswers.May(refusal.Error);
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

    /// <summary>
    /// What is tried when the work is done: the answer counts, not whether this succeeds. Left undone, the lease bars a repetition for as long as
    /// it lasts, and then it finds what the change has kept.
    /// </summary>
    private async Task TryAsync(Func<Task> write)
    {
        try
        {
            await write();
        }
        catch (Exception failure) when (DatabaseError.IsFailure(failure))
        {
            Log.NotStored(logger, failure.Message);
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The outcome of a request with an Idempotency-Key was not stored; repetitions wait for its lease to end. {Reason}")]
        public static partial void NotStored(ILogger logger, string reason);
    }
}
