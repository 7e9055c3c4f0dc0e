using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Coherence;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;

namespace ValidonX.Provisioner.Closing;

/// <summary>Deletes a tenant's rows of the platform database a few at a time, each time only while this worker has the lease.</summary>
internal sealed class PlatformRowRemoval(ICoherence coherence)
{
    private const int AtOnce = 500;
    private const int MembersAtOnce = 50;

    /// <summary>Deletes the tenant's rows of one table.</summary>
    public static async Task DeleteAsync(DbConnection platform, JobLease lease, OwnedRows rows, CancellationToken cancellationToken)
    {
        var any = new InterpolatedSql().Add(rows.Any(lease.Job)).ToCommand(cancellationToken);
        while (await platform.ExecuteScalarAsync<bool>(any))
        {
            await lease.Write().Add(rows.Delete(lease.Job, AtOnce)).ExecuteAsync(platform, cancellationToken);
        }
    }

    /// <summary>
    /// Ends the memberships. A member of no other tenant loses the tokens too, which would open nothing; and the account, when it has no
    /// password, since then it was made for this tenant and nobody has ever used it otherwise.
    /// </summary>
    public async Task DeleteMembersAsync(DbConnection platform, JobLease lease, CancellationToken cancellationToken)
    {
        while (true)
        {
            var users = (await platform.QueryAsync<Guid>(new CommandDefinition(
                """
                SELECT user_id FROM tenant_users WHERE tenant_id = @TenantId
                UNION SELECT user_id FROM sso_subjects WHERE tenant_id = @TenantId
                LIMIT @MembersAtOnce
                """,
                new { lease.Job.TenantId, MembersAtOnce },
                cancellationToken: cancellationToken))).AsList();
            if (users.Count == 0)
            {
                return;
            }

            var tokens = await platform.QueryAsync<Guid>(new CommandDefinition(
                "SELECT id FROM personal_access_tokens WHERE owner_type = @owner AND owner_id IN @users",
                new { owner = TokenOwners.User, users = users.Select(user => user.ToString()) },
                cancellationToken: cancellationToken));
            var writes = lease.Write();
            foreach (var user in users)
            {
                // A user who is made a member elsewhere at this very moment keeps the account by the foreign key: the attempt fails and the next one sees it.
                writes
                    .Add($"DELETE FROM tenant_users WHERE tenant_id = {lease.Job.TenantId} AND user_id = {user}")
                    .Add($"DELETE FROM sso_subjects WHERE tenant_id = {lease.Job.TenantId} AND user_id = {user}")
                    .Add(
                        $"""
                        DELETE FROM personal_access_tokens WHERE owner_type = {TokenOwners.User} AND owner_id = {user}
                          AND NOT EXISTS (SELECT 1 FROM tenant_users WHERE user_id = {user})
                        """)
                    .Add($"DELETE FROM recovery_codes WHERE {OfAccountThatGoes(user)}")
                    .Add($"DELETE FROM two_factors WHERE {OfAccountThatGoes(user)}")
                    .Add($"DELETE FROM passkeys WHERE {OfAccountThatGoes(user)}")
                    .Add(
                        $"""
                        DELETE FROM users WHERE id = {user} AND password_hash IS NULL
                          AND NOT EXISTS (SELECT 1 FROM tenant_users WHERE user_id = {user})
                        """);
            }

            await writes.ExecuteAsync(platform, cancellationToken);
            await coherence.InvalidateAsync([.. users.Select(CacheKeys.Memberships), .. tokens.Select(CacheKeys.Token)], cancellationToken);
        }
    }

    /// <summary>Finds the second factor and the passkeys of an account that goes.</summary>
    private static FormattableString OfAccountThatGoes(Guid user) =>
        $"""
        owner_type = {TokenOwners.User} AND owner_id = {user}
          AND EXISTS (SELECT 1 FROM users WHERE id = {user} AND password_hash IS NULL) AND NOT EXISTS (SELECT 1 FROM tenant_users WHERE user_id = {user})
        """;
}
