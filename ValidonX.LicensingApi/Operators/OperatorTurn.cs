using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Callers;

namespace ValidonX.LicensingApi.Operators;

/// <summary>
/// The turn of operators who change operators. Whoever changes one has to be an active one at that moment, and keeps being it until the change is committed: so of two who disable each
/// other at once one stays, and the platform is never without an operator who can sign in.
/// </summary>
internal static class OperatorTurn
{
    /// <summary>Locks the caller's row and that of whom the change is about until the transaction ends, in one order.</summary>
    /// <returns>Whether the caller is an active operator.</returns>
    public static async Task<bool> TakeAsync(DbTransaction transaction, Caller caller, Guid about, CancellationToken cancellationToken) =>
        (await transaction.Connection!.QueryAsync<(Guid Id, bool IsActive)>(new CommandDefinition(
            "SELECT id, password_hash IS NOT NULL AND disabled_at IS NULL FROM admins WHERE id IN @ids ORDER BY id FOR UPDATE",
            new { ids = new[] { caller.Id, about }.Distinct() },
            transaction,
            cancellationToken: cancellationToken))).Any(row => row.Id == caller.Id && row.IsActive);
}
