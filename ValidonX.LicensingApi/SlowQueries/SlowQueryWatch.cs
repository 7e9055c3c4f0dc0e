using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.LicensingApi.SlowQueries;

/// <summary>Watches what a tenant's request asks the database for.</summary>
internal sealed class SlowQueryWatch(SlowStatements statements, SlowQueryNotes notes)
{
    /// <summary>Does the request's work, and notes what of it was slow.</summary>
    public async Task RunAsync(HttpContext context, Guid tenantId, RequestDelegate work)
    {
        var noted = statements.Begin();
        try
        {
            await work(context);
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
