using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Callers;

/// <summary>
/// The permission table: every right that there is, and who has it. Each endpoint names the one line that decides about it; docs/permissions.md shows which,
/// and a test calls every operation in every role.
/// </summary>
internal static class Permissions
{
    /// <summary>What a customer app may do with a key of the right scope.</summary>
    public static CallerRequirement Integrate { get; } = CallerRequirement.ApiKey("integration.call");

    /// <summary>What anybody may do who comes by a tenant's host.</summary>
    public static CallerRequirement BeCustomer { get; } = CallerRequirement.Customer("customer.call");

    /// <summary>Whatever a user may do with the user's own account, whatever tenants it is in.</summary>
    public static CallerRequirement OwnAccount { get; } = CallerRequirement.Account("account.own");

    /// <summary>Looking at one's own account and ending one's own tokens: also for whom a tenant's single sign-on vouches.</summary>
    public static CallerRequirement SeeOwnAccount { get; } = CallerRequirement.AnyAccount("account.see");

    /// <summary>Looking at everything of a tenant but what is listed below.</summary>
    public static CallerRequirement ReadTenant { get; } = CallerRequirement.User("tenant.read", TenantRole.Viewer);

    /// <summary>Making and changing products.</summary>
    public static CallerRequirement WriteProducts { get; } = CallerRequirement.User("products.write", TenantRole.Developer);

    /// <summary>Making and changing licenses.</summary>
    public static CallerRequirement WriteLicenses { get; } = CallerRequirement.User("licenses.write", TenantRole.Developer);

    /// <summary>Freeing seats.</summary>
    public static CallerRequirement WriteActivations { get; } = CallerRequirement.User("activations.write", TenantRole.Developer);

    /// <summary>Making, rotating and revoking API keys.</summary>
    public static CallerRequirement ManageApiKeys { get; } = CallerRequirement.User("api_keys.manage", TenantRole.Admin);

    /// <summary>Inviting members, changing their roles and letting them go; what concerns owners, owners only.</summary>
    public static CallerRequirement ManageMembers { get; } = CallerRequirement.User("members.manage", TenantRole.Admin);

    /// <summary>Looking at, rotating and revoking the keys that sign verdicts.</summary>
    public static CallerRequirement ManageSigningKeys { get; } = CallerRequirement.User("signing_keys.manage", TenantRole.Admin);

    /// <summary>Looking at webhook endpoints and at what was delivered to them, and having it delivered again.</summary>
    public static CallerRequirement OperateWebhooks { get; } = CallerRequirement.User("webhooks.operate", TenantRole.Developer);

    /// <summary>Saying where events are delivered to, and rotating the secrets that they are signed with.</summary>
    public static CallerRequirement ManageWebhooks { get; } = CallerRequirement.User("webhooks.manage", TenantRole.Admin);

    /// <summary>Taking on what is wrong with the tenant.</summary>
    public static CallerRequirement AcknowledgeAlerts { get; } = CallerRequirement.User("alerts.acknowledge", TenantRole.Admin);

    /// <summary>Changing the tenant's settings.</summary>
    public static CallerRequirement WriteSettings { get; } = CallerRequirement.User("settings.write", TenantRole.Admin);

    /// <summary>Saying under which hosts customers reach the tenant's pages.</summary>
    public static CallerRequirement ManageDomains { get; } = CallerRequirement.User("domains.manage", TenantRole.Admin);

    /// <summary>Looking at how the tenant's users sign in.</summary>
    public static CallerRequirement ReadSignOn { get; } = CallerRequirement.User("sso.read", TenantRole.Admin);

    /// <summary>Saying at which issuer the tenant's users sign in, hence who gets in, and letting in again whom they removed.</summary>
    public static CallerRequirement ManageSignOn { get; } = CallerRequirement.User("sso.manage", TenantRole.Owner);

    /// <summary>Reading, checking and exporting the audit log.</summary>
    public static CallerRequirement ReadAudit { get; } = CallerRequirement.User("audit.read", TenantRole.Admin);

    /// <summary>Looking at the subscription and at invoices.</summary>
    public static CallerRequirement ReadBilling { get; } = CallerRequirement.User("billing.read", TenantRole.Viewer);

    /// <summary>Changing the plan, canceling, and saying to whom invoices are made out.</summary>
    public static CallerRequirement ManageBilling { get; } = CallerRequirement.User("billing.manage", TenantRole.Owner);

    /// <summary>Everything under <c>/v1/admin</c>.</summary>
    public static CallerRequirement Operate { get; } = CallerRequirement.Operator("platform.operate");

    /// <summary>All lines, by their names.</summary>
    public static IReadOnlyList<CallerRequirement> All { get; } =
        [.. typeof(Permissions).GetProperties().Where(property => property.PropertyType == typeof(CallerRequirement)).Select(property => (CallerRequirement)property.GetValue(null)!)];
}
