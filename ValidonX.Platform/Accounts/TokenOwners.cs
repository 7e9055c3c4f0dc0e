namespace ValidonX.Platform.Accounts;

/// <summary>Whose a bearer token is: <c>personal_access_tokens.owner_type</c>.</summary>
public static class TokenOwners
{
    /// <summary>A row of <c>users</c>; its tokens have <see cref="Abilities.Tenant"/>.</summary>
    public const string User = "user";

    /// <summary>A row of <c>admins</c>; its tokens have <see cref="Abilities.Admin"/>.</summary>
    public const string Admin = "admin";
}
