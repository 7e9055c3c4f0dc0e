using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Tokens;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Accounts;

/// <summary>What a user says of herself.</summary>
/// <param name="User">The user.</param>
/// <param name="Company">Whom the user works for.</param>
internal sealed record ShownProfile(ShownUser User, string? Company)
{
    /// <summary>That of a user.</summary>
    public static ShownProfile Of(User user) => new(user.Show(), user.Company);
}

/// <summary>Reads and changes users' own profiles.</summary>
internal sealed class Profiles(PlatformDatabase platform, StateChanges changes, TimeProvider time)
{
    /// <summary>A user's, or <see langword="null"/>.</summary>
    public async Task<ShownProfile?> FindAsync(Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await User.FindAsync(connection, null, userId, cancellationToken) is { } user ? ShownProfile.Of(user) : null;
    }

    /// <summary>One page of the user's tenants.</summary>
    public async Task<(IReadOnlyList<ShownMembership> Items, string? NextCursor)> TenantsAsync(Guid userId, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await Memberships.ListAsync(connection, userId, page, cancellationToken);
    }

    /// <summary>Changes it. What is so already is not recorded again.</summary>
    public Task<IResult> ChangeAsync(Guid userId, Guid? with, ProfileChange profile, ChangeRequest<ShownProfile> request) =>
        changes.InPlatformAsync<ShownProfile>(request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            if (await AccountLock.TakeAsync(transaction, AccountOwner.User(userId), with, token) is null || await User.FindAsync(connection, transaction, userId, token) is not { } user)
            {
                return ApiErrors.Unauthenticated;
            }

            var changed = user with { Name = profile.Name, Company = profile.Company };
            if (changed == user)
            {
                return new Changed<ShownProfile>(ShownProfile.Of(user));
            }

            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE users SET name = @Name, company = @Company, updated_at = @now WHERE id = @userId",
                new { profile.Name, profile.Company, now = time.GetUtcNow(), userId },
                transaction,
                cancellationToken: token));
            return new Changed<ShownProfile>(ShownProfile.Of(changed))
            {
                Event = request.Audit.About("user", userId).ChangedOnly([.. changed.Name == user.Name ? Array.Empty<string>() : ["name"], .. changed.Company == user.Company ? Array.Empty<string>() : ["company"]]),
            };
        });
}
