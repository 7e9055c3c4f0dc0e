namespace ValidonX.LicensingApi.Tokens;

/// <summary>Whose tokens a call may see and end.</summary>
/// <param name="Condition">Over the columns of <c>personal_access_tokens</c>, about <c>@scope</c>.</param>
/// <param name="Id">The value of <c>@scope</c>.</param>
internal sealed record TokenScope(string Condition, Guid Id)
{
    /// <summary>One user's own.</summary>
    public static TokenScope OfUser(Guid userId) => new("owner_id = @scope", userId);

    /// <summary>
    /// Those that open a tenant: the tokens of its members. A token opens every tenant of its user, so to end one here ends it everywhere; the tokens
    /// of those who are not members do not exist here.
    /// </summary>
    public static TokenScope OfTenant(Guid tenantId) => new("owner_id IN (SELECT user_id FROM tenant_users WHERE tenant_id = @scope)", tenantId);
}
