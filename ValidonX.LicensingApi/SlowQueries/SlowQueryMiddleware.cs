using ValidonX.LicensingApi.Callers;

namespace ValidonX.LicensingApi.SlowQueries;

/// <summary>Finds out which statements of tenants' requests are slow. Runs after the caller is known.</summary>
internal sealed class SlowQueryMiddleware(RequestDelegate next, SlowQueryWatch watch)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Features.Get<Caller>() is { HasTenant: true } caller && context.GetEndpoint()?.Metadata.GetMetadata<WatchedByItself>() is null
            ? watch.RunAsync(context, caller.Placement.TenantId, next)
            : next(context);
}

/// <summary>Of an endpoint that mostly answers from memory: it has itself watched where it does ask the database, so that nobody else pays for it.</summary>
internal sealed record WatchedByItself;
