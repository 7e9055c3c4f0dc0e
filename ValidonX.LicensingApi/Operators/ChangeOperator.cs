using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Coherence;

namespace ValidonX.LicensingApi.Operators;

/// <summary>
/// Renames, disables and enables operators. A disabled one is let in by nothing, password, passkey or token, on any gateway when the call returns, and stays in the list: the audit log names
/// who did what by it. Nobody disables oneself, and only an active operator disables another, so one who can sign in is always left.
/// </summary>
internal sealed class ChangeOperator(StateChanges changes, OperatorQueries operators, AccessTokens tokens, TimeProvider time)
{
    /// <summary>409: by mistake, as a rule.</summary>
    public static ApiError IsOneself { get; } = ApiErrors.Conflict("Nobody disables oneself; another operator does. So the last one who can sign in stays, too.");

    /// <summary>409: it is the way in when all else is lost.</summary>
    public static ApiError IsConfigured { get; } =
        ApiErrors.Conflict("This is the account of the configuration (Operator:Email), the way in when all else is lost. Name another one there first, and restart the licensing APIs.");

    /// <summary>Gives an operator another name.</summary>
    public Task<IResult> RenameAsync(Caller caller, Guid id, string name, ChangeRequest<OperatorRow> request) =>
        ChangeAsync(caller, id, request, async (transaction, row, token) =>
        {
            if (row.Name == name)
            {
                return new Changed<OperatorRow>(row);
            }

            await ExecuteAsync(transaction, "UPDATE admins SET name = @name, updated_at = @now WHERE id = @id", new { id, name, now = time.GetUtcNow() }, token);
            return new Changed<OperatorRow>(row with { Name = name }) { Event = request.Audit.About("operator", id).ChangedOnly("name") };
        });

    /// <summary>Shuts an operator out. Doing it again changes nothing, and is announced again: the first call may have died before it could.</summary>
    public Task<IResult> DisableAsync(Caller caller, Guid id, ChangeRequest<OperatorRow> request) =>
        ChangeAsync(caller, id, request, async (transaction, row, token) =>
        {
            if (id == caller.Id)
            {
                return IsOneself;
            }

            if (row.Status == OperatorStatus.Disabled)
            {
                return new Changed<OperatorRow>(row) { Stale = await StaleAsync(transaction, id, token) };
            }

            if (operators.IsConfigured(row))
            {
                return IsConfigured;
            }

            var now = time.GetUtcNow();
            await ExecuteAsync(transaction, "UPDATE admins SET disabled_at = @now, updated_at = @now WHERE id = @id", new { id, now }, token);
            await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.OperatorInvite, id, now, token);
            await MailedTokenStore.RevokeAllAsync(transaction, MailedTokenPurposes.OperatorReset, id, now, token);
            await tokens.RevokeAllAsync(transaction, TokenOwners.Admin, id, except: null, token);
            return Moved(row, row with { Status = OperatorStatus.Disabled }, request) with { Stale = await StaleAsync(transaction, id, token) };
        });

    /// <summary>Lets an operator in again, by the password, passkeys and second factor of before; who had not accepted is invited again, and needs another mail.</summary>
    public Task<IResult> EnableAsync(Caller caller, Guid id, ChangeRequest<OperatorRow> request) =>
        ChangeAsync(caller, id, request, async (transaction, row, token) =>
        {
            if (row.Status != OperatorStatus.Disabled)
            {
                return new Changed<OperatorRow>(row);
            }

            await ExecuteAsync(transaction, "UPDATE admins SET disabled_at = NULL, updated_at = @now WHERE id = @id", new { id, now = time.GetUtcNow() }, token);
            return Moved(row, (await OperatorQueries.FindAsync(transaction.Connection!, transaction, id, token))!, request);
        });

    private Task<IResult> ChangeAsync(
        Caller caller, Guid id, ChangeRequest<OperatorRow> request, Func<DbTransaction, OperatorRow, CancellationToken, Task<Changed<OperatorRow>>> work) =>
        changes.InPlatformAsync<OperatorRow>(request, async (transaction, token) =>
            !await OperatorTurn.TakeAsync(transaction, caller, id, token) ? ApiErrors.Unauthenticated
            : await OperatorQueries.FindAsync(transaction.Connection!, transaction, id, token) is not { } row ? ApiErrors.ResourceNotFound
            : await work(transaction, row, token));

    private static Changed<OperatorRow> Moved(OperatorRow from, OperatorRow to, ChangeRequest<OperatorRow> request) =>
        new(to) { Event = request.Audit.About("operator", to.Id).Changed(from.State(), to.State(), LicensingJson.Default.OperatorState) };

    private async Task<IReadOnlyCollection<Invalidation>> StaleAsync(DbTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        [.. (await tokens.EndedAsync(transaction, TokenOwners.Admin, id, cancellationToken)).Select(CacheKeys.Token)];

    private static Task<int> ExecuteAsync(DbTransaction transaction, string sql, object parameters, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellationToken));
}
