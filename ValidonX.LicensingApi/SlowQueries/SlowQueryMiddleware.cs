using ValidonX.LicensingApi.Callers;
using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.LicensingApi.SlowQueries;

/// <summary>Finds out which statements of tenants' requests are slow. Runs after the caller is known.</summary>
internal sealed class SlowQueryMiddleware(RequestDelegate next, SlowStatements statements, SlowQueryNotes notes)
{
    public Task InvokeAsync(HttpContext context) =>
        context.Features.Get<Caller>() is { HasTenant: true } caller ? WatchAsync(context, caller.Placement.TenantId) : next(context);

    private async Task WatchAsync(HttpContext context, Guid tenantId)
    {
        var noted = statements.Begin();
        try
        {
            await next(context);
        }
        finally
        {
            if (noted.ToList() is { Count: > 0 } slow)
            {
                notes.Add(context, tenantId, slow);
            }
        }
    }
}
