using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Callers;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Members;

/// <summary>
/// What somebody may do with members: admins with all but owners, owners and operators with all. The role counts that is stored when the tenant's turn is taken,
/// and not a greater one that the caller had when the call began: of two owners who take that from each other at once the second is none any more.
/// </summary>
/// <param name="UserId">The user; <see langword="null"/> is an operator.</param>
/// <param name="Signed">The role that the gateway has found.</param>
internal sealed record MemberAuthority(Guid? UserId, TenantRole? Signed)
{
    /// <summary>An operator's.</summary>
    public static MemberAuthority Operator { get; } = new(null, TenantRole.Owner);

    /// <summary>A caller's.</summary>
    public static MemberAuthority Of(Caller caller) => caller.Context.Kind == CallerKind.Operator ? Operator : new MemberAuthority(caller.Id, caller.Context.Role);

    /// <summary>Why a change is refused.</summary>
    /// <param name="transaction">Has the tenant's turn.</param>
    /// <param name="tenantId">The tenant.</param>
    /// <param name="concernsOwner">Whether somebody is an owner before or after it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<ApiError?> RefusalAsync(DbTransaction transaction, Guid tenantId, bool concernsOwner, CancellationToken cancellationToken)
    {
        var stored = UserId is { } userId ? await RoleAsync(transaction, tenantId, userId, cancellationToken) : null;
        return (stored < Signed ? stored : Signed) >= (concernsOwner ? TenantRole.Owner : TenantRole.Admin) ? null : ApiErrors.InsufficientPermissions;
    }

    private static async Task<TenantRole?> RoleAsync(DbTransaction transaction, Guid tenantId, Guid userId, CancellationToken cancellationToken) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            "SELECT role FROM tenant_users WHERE tenant_id = @tenantId AND user_id = @userId",
            new { tenantId, userId },
            transaction,
            cancellationToken: cancellationToken)) is { } role
                ? StoredEnum.Parse<TenantRole>(role)
                : null;
}
