using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>A row of <c>users</c>, and whether a second factor is asked for.</summary>
internal sealed record User
{
    private const string Select =
        """
        SELECT u.id, u.name, u.company, u.email, u.password_hash, u.email_verified_at, u.created_at,
          EXISTS (SELECT 1 FROM two_factors f WHERE f.owner_type = 'user' AND f.owner_id = u.id AND f.confirmed_at IS NOT NULL) AS has_two_factor
        FROM users u
        """;

    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public string? Company { get; init; }

    public string Email { get; init; } = "";

    public string? PasswordHash { get; init; }

    public DateTimeOffset? EmailVerifiedAt { get; init; }

    public bool HasTwoFactor { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>The user with this id.</summary>
    public static Task<User?> FindAsync(DbConnection connection, DbTransaction? transaction, Guid id, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<User?>(new CommandDefinition($"{Select} WHERE u.id = @id", new { id }, transaction, cancellationToken: cancellationToken));

    /// <summary>The user with this address.</summary>
    public static Task<User?> FindAsync(DbConnection connection, string email, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<User?>(new CommandDefinition($"{Select} WHERE u.email = @email", new { email }, cancellationToken: cancellationToken));

    /// <summary>As the user and others see it.</summary>
    public ShownUser Show() => new(Id, Name, Email, EmailVerifiedAt is not null, HasTwoFactor, CreatedAt);
}

/// <summary>A user.</summary>
/// <param name="Id">The user's id.</param>
/// <param name="Name">What the user is called.</param>
/// <param name="Email">The address that names the account.</param>
/// <param name="EmailVerified">Whether the address is proved.</param>
/// <param name="TwoFactor">Whether signing in takes a second factor.</param>
/// <param name="CreatedAt">When the account was opened.</param>
internal sealed record ShownUser(
    Guid Id, string Name, [property: Example("ada@example.com")] string Email, bool EmailVerified, bool TwoFactor, DateTimeOffset CreatedAt);

/// <summary>What the audit log keeps of an account: nothing by which a person could be told who is gone.</summary>
/// <param name="IsOpen">Whether it is there.</param>
internal sealed record AccountState(bool IsOpen);

/// <summary>What the audit log keeps of a sign-in.</summary>
/// <param name="TwoFactor">Whether it took a second factor.</param>
internal sealed record SessionState(bool TwoFactor);

/// <summary>One user.</summary>
internal sealed record UserAnswer(ShownUser User);

/// <summary>A user who has just proved to be one, with a bearer token.</summary>
internal sealed record SignedIn(ShownUser User, [property: Example("019a3c5e-7d0f-7c3e-9b1a-2f4d6e8a0b1c|kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsD-gQ_oWiExc")] string Token);

/// <summary>A user who has just logged in, with a bearer token and the tenants that it opens.</summary>
internal sealed record UserLoginAnswer(
    [property: Example("019a3c5e-7d0f-7c3e-9b1a-2f4d6e8a0b1c|kT3wq9X0mV5bR7uZ1cN4yH8eJ2fL6pAsD-gQ_oWiExc")] string Token,
    ShownUser User,
    IReadOnlyList<ShownMembership> Tenants);
