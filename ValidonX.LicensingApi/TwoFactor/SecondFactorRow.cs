using System.Data.Common;
using Dapper;

namespace ValidonX.LicensingApi.TwoFactor;

/// <summary>A row of <c>two_factors</c>.</summary>
internal sealed record SecondFactorRow
{
    public byte[] SealedSecret { get; init; } = [];

    public DateTimeOffset? ConfirmedAt { get; init; }

    public long LastStep { get; init; }

    public int Failures { get; init; }

    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>The owner's, locked until the transaction ends; <see langword="null"/> when there is none.</summary>
    public static Task<SecondFactorRow?> LockAsync(DbTransaction transaction, AccountOwner owner, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<SecondFactorRow?>(new CommandDefinition(
            """
            SELECT sealed_secret, confirmed_at, last_step, failures, locked_until FROM two_factors
            WHERE owner_type = @Type AND owner_id = @Id FOR UPDATE
            """,
            owner,
            transaction,
            cancellationToken: cancellationToken));
}
