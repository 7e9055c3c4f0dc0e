namespace ValidonX.Platform.Rollups;

/// <summary>A row of <c>tenant_hours</c>: one hour of one tenant, of all tenants together under the empty id.</summary>
internal sealed record HourRow
{
    /// <summary>The columns.</summary>
    public const string Columns = "tenant_id, hour, requests, counts, routes";

    public Guid TenantId { get; init; }

    public DateTime Hour { get; init; }

    /// <summary>How many requests, by which of two states of an hour is the later one.</summary>
    public long Requests { get; init; }

    /// <summary><see cref="Use"/> as text.</summary>
    public string Counts { get; init; } = "";

    /// <summary>The routes as text.</summary>
    public string Routes { get; init; } = "";

    /// <summary>What it came to.</summary>
    public Use Use => Use.Parse(Counts) ?? new Use();

    /// <summary>What each route came to.</summary>
    public IEnumerable<RouteUse> ByRoute => RouteUse.Read(Routes);

    public static HourRow Of(Guid tenantId, DateTime hour, Use use, IReadOnlyList<RouteUse> routes) => new()
    {
        TenantId = tenantId,
        Hour = hour,
        Requests = use.Requests,
        Counts = use.ToString(),
        Routes = RouteUse.Write(routes),
    };
}
