namespace ValidonX.Platform.Accounts;

/// <summary>What a user may do within a tenant, from least to most.</summary>
public enum TenantRole
{
    /// <summary>Reads.</summary>
    Viewer = 1,

    /// <summary>Reads, and writes licences, activations and products.</summary>
    Developer = 2,

    /// <summary>Also API keys, webhooks, settings and members.</summary>
    Admin = 3,

    /// <summary>Everything, billing and closing included.</summary>
    Owner = 4,
}
