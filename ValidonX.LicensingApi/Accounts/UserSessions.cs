using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Coherence;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>Gives users the bearer tokens of their sign-ins: for seven days, twenty at a time; a further sign-in ends the oldest.</summary>
internal sealed class UserSessions(AccessTokens tokens, TimeProvider time)
{
    /// <summary>What the tokens of sign-ins are called.</summary>
    public const string TokenName = "login";

    private const int MostAtOnce = 20;

    private static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>Begins one, in a transaction that has the user's turn.</summary>
    /// <returns>The token, and what every gateway has to hear of.</returns>
    public async Task<(AccessToken Token, IReadOnlyCollection<Invalidation> Stale)> BeginAsync(DbTransaction transaction, Guid userId, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var surplus = (await transaction.Connection!.QueryAsync<Guid>(new CommandDefinition(
            $"""
            SELECT id FROM personal_access_tokens
            WHERE owner_type = '{TokenOwners.User}' AND owner_id = @userId AND name = @TokenName AND revoked_at IS NULL AND expires_at > @now
            ORDER BY id DESC LIMIT 1000 OFFSET @keep
            """,
            new { userId, TokenName, now, keep = MostAtOnce - 1 },
            transaction,
            cancellationToken: cancellationToken))).AsList();
        foreach (var old in surplus)
        {
            await tokens.RevokeAsync(transaction, old, cancellationToken);
        }

        var token = await AccessTokens.IssueAsync(transaction, TokenOwners.User, userId, Abilities.Tenant, TokenName, now, now + Life, cancellationToken);
        return (token, [.. surplus.Select(CacheKeys.Token)]);
    }
}
