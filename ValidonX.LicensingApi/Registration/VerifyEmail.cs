using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Registration;

/// <summary>Makes a registration a user, by the token that was mailed to the address; all other registrations of the address end with it.</summary>
internal sealed class VerifyEmail(StateChanges changes, MailedTokenStore tokens, UserSessions sessions, CountedAudit counted, TimeProvider time)
{
    private const string BadToken = "bad_token";

    /// <summary>Opens the account and a session.</summary>
    /// <param name="token">The mailed token.</param>
    /// <param name="network">Where the request comes from.</param>
    /// <param name="request">The request.</param>
    public async Task<IResult> ExecuteAsync(string token, string network, ChangeRequest<SignedIn> request)
    {
        var isOpened = false;
        try
        {
            var result = await changes.InPlatformAsync<SignedIn>(request, async (transaction, cancellation) =>
            {
                var opened = await OpenAsync(transaction, token, request, cancellation);
                isOpened = opened.Outcome.Refusal is null;
                return opened;
            });
            if (isOpened)
            {
                return result;
            }
        }
        catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
        {
            // The account was opened by another registration of the address at this very moment.
        }

        counted.Note(request.Audit with { Action = "user.verification_failed" }, BadToken, network);
        return ApiResult.Error(ApiErrors.LinkInvalid);
    }

    private async Task<Changed<SignedIn>> OpenAsync(DbTransaction transaction, string token, ChangeRequest<SignedIn> request, CancellationToken cancellationToken)
    {
        var connection = transaction.Connection!;
        if (await tokens.TakeAsync(transaction, token, MailedTokenPurposes.Verify, cancellationToken) is not { } registration)
        {
            return ApiErrors.LinkInvalid;
        }

        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now);
        var isThere = await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO users (id, email, name, company, password_hash, email_verified_at, created_at, updated_at)
            SELECT @id, email, name, company, password_hash, @now, @now, @now FROM registrations WHERE id = @registration AND expires_at > @now
            """,
            new { id, registration, now },
            transaction,
            cancellationToken: cancellationToken)) == 1;
        if (!isThere)
        {
            return ApiErrors.LinkInvalid;
        }

        await connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM registrations WHERE email = (SELECT email FROM users WHERE id = @id)",
            new { id },
            transaction,
            cancellationToken: cancellationToken));
        var user = await User.FindAsync(connection, transaction, id, cancellationToken);
        var (session, stale) = await sessions.BeginAsync(transaction, id, cancellationToken);
        return new Changed<SignedIn>(new SignedIn(user!.Show(), session.Reveal()))
        {
            Stale = stale,
            Event = (request.Audit with { ActorType = "user", ActorId = id.ToString() }).About("user", id).Made(new AccountState(IsOpen: true), LicensingJson.Default.AccountState),
        };
    }
}
