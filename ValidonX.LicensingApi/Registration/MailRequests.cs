using System.Data.Common;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.MailedTokens;
using ValidonX.LicensingApi.Sessions;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Registration;

/// <summary>What somebody is told who has asked for a mail: the same in all cases.</summary>
/// <param name="Status">Always `verification_sent`, or `reset_sent`, also when there is nobody to send it to.</param>
internal sealed record MailRequested(string Status);

/// <summary>
/// Registering, asking for another confirmation, and asking for a new password. Whether the address has an account decides which mail its owner gets, and
/// nothing else: the answer is one, and the statements that run are the same ones with other values (for nobody, with rows that are dead from the start),
/// so that neither tells a stranger which addresses have accounts.
/// </summary>
internal sealed class MailRequests(
    StateChanges changes,
    PasswordHasher passwords,
    MailedTokenStore tokens,
    MailOutbox outbox,
    AccountMails mails,
    CountedAudit counted,
    IWakeup wakeup,
    IOptions<OperatorOptions> operators,
    TimeProvider time)
{
    private static readonly TimeSpan VerifyLife = TimeSpan.FromHours(24);
    private static readonly TimeSpan ResetLife = TimeSpan.FromHours(1);

    /// <summary>Keeps a registration until its address is proved.</summary>
    /// <param name="user">Who wants to be a user.</param>
    /// <param name="network">Where the request comes from.</param>
    /// <param name="request">The request.</param>
    public async Task<IResult> RegisterAsync(RegistrationRequest user, string network, ChangeRequest<MailRequested> request)
    {
        var hash = await passwords.HashAsync(user.Password, request.Aborted);
        return await RunAsync("verification_sent", network, request, async (transaction, token) =>
        {
            var now = time.GetUtcNow();
            var isTaken = await FindUserAsync(transaction, user.Email, token) is not null;
            var expiresAt = isTaken ? now : now + VerifyLife;
            var id = Guid.CreateVersion7(now);
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO registrations (id, email, name, company, password_hash, expires_at, created_at)
                VALUES (@id, @email, @Name, @Company, @hash, @expiresAt, @now)
                """,
                new { id, email = user.Email.Value, user.Name, user.Company, hash, expiresAt, now },
                transaction,
                cancellationToken: token));
            await SendVerificationAsync(transaction, user.Email, id, expiresAt, isTaken, isReal: true, token);
        });
    }

    /// <summary>Sends the confirmation of the newest registration of an address once more.</summary>
    public Task<IResult> ResendAsync(EmailAddress email, string network, ChangeRequest<MailRequested> request) =>
        RunAsync("verification_sent", network, request, async (transaction, token) =>
        {
            var now = time.GetUtcNow();
            var isTaken = await FindUserAsync(transaction, email, token) is not null;
            var registration = await transaction.Connection!.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
                "SELECT id FROM registrations WHERE email = @Value AND expires_at > @now ORDER BY id DESC LIMIT 1",
                new { email.Value, now },
                transaction,
                cancellationToken: token));
            var isOpen = registration is not null && !isTaken;
            var id = registration ?? Guid.CreateVersion7(now);
            var expiresAt = isOpen ? now + VerifyLife : now;
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE registrations SET expires_at = @expiresAt WHERE id = @id",
                new { id, expiresAt },
                transaction,
                cancellationToken: token));
            await SendVerificationAsync(transaction, email, id, expiresAt, isTaken, isReal: isOpen || isTaken, token);
        });

    /// <summary>Sends a link by which a user sets a new password.</summary>
    public Task<IResult> ForgotPasswordAsync(EmailAddress email, string network, ChangeRequest<MailRequested> request) =>
        RunAsync("reset_sent", network, request, async (transaction, token) =>
        {
            var user = await FindUserAsync(transaction, email, token);
            await SendResetAsync(transaction, email, AccountOwner.User, user, isGood: user is not null, mails.ResetPassword, token);
        });

    /// <summary>The same for an operator. Whose password is configured is told so; who is disabled, or has not accepted the invitation, is nobody.</summary>
    public Task<IResult> ForgotOperatorPasswordAsync(EmailAddress email, string network, ChangeRequest<MailRequested> request) =>
        RunAsync("reset_sent", network, request, async (transaction, token) =>
        {
            var id = await transaction.Connection!.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
                "SELECT id FROM admins WHERE email = @Value AND password_hash IS NOT NULL AND disabled_at IS NULL", new { email.Value }, transaction, cancellationToken: token));
            var isConfigured = operators.Value.Is(email.Value);
            await SendResetAsync(
                transaction,
                email,
                AccountOwner.Operator,
                id,
                isGood: id is not null && !isConfigured,
                mailed => isConfigured ? AccountMails.OperatorPasswordIsConfigured() : mails.ResetOperatorPassword(mailed),
                token);
        });

    private async Task<IResult> RunAsync(
        string status, string network, ChangeRequest<MailRequested> request, Func<DbTransaction, CancellationToken, Task> work)
    {
        var result = await changes.InPlatformAsync<MailRequested>(request, async (transaction, token) =>
        {
            await work(transaction, token);
            return new Changed<MailRequested>(new MailRequested(status));
        });
        wakeup.Signal(MailOutbox.WakeupChannel);
        // Anyone can cause it at will, so it is counted, and of the address nothing is recorded.
        counted.Note(request.Audit, status, network);
        return result;
    }

    private async Task SendResetAsync(
        DbTransaction transaction, EmailAddress email, Func<Guid, AccountOwner> ownerOf, Guid? account, bool isGood, Func<MailedToken, MailText> mail, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var owner = ownerOf(account ?? Guid.CreateVersion7(now));
        var mailed = await tokens.IssueAsync(transaction, owner.ResetPurpose, owner.Id, isGood ? now + ResetLife : now, cancellationToken);
        await SendAsync(transaction, email, mail(mailed), now + ResetLife, isReal: account is not null, cancellationToken);
    }

    private async Task SendVerificationAsync(
        DbTransaction transaction, EmailAddress email, Guid registration, DateTimeOffset expiresAt, bool isTaken, bool isReal, CancellationToken cancellationToken)
    {
        var mailed = await tokens.IssueAsync(transaction, MailedTokenPurposes.Verify, registration, expiresAt, cancellationToken);
        await SendAsync(transaction, email, isTaken ? mails.AccountExists() : mails.VerifyEmail(mailed), time.GetUtcNow() + VerifyLife, isReal, cancellationToken);
    }

    private async Task SendAsync(DbTransaction transaction, EmailAddress email, MailText mail, DateTimeOffset expiresAt, bool isReal, CancellationToken cancellationToken)
    {
        var hasRoom = await MailAllowance.HasRoomAsync(transaction, email, mail, time.GetUtcNow(), cancellationToken);
        await outbox.WriteAsync(transaction, email, mail, expiresAt, isReal && hasRoom, cancellationToken);
    }

    private static Task<Guid?> FindUserAsync(DbTransaction transaction, EmailAddress email, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            "SELECT id FROM users WHERE email = @Value",
            new { email.Value },
            transaction,
            cancellationToken: cancellationToken));
}
