namespace ValidonX.Provisioner.Fleet;

/// <summary>The job that brings one tenant's database to the newest schema: kind <c>migrate</c>, no payload.</summary>
internal static class MigrateTenantJob
{
    /// <summary>The job's kind.</summary>
    public const string Kind = "migrate";

    /// <summary>Tries before it has failed; the next look enters a new one.</summary>
    public const int MaximumAttempts = 8;
}
