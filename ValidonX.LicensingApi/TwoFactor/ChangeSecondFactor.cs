using System.Data.Common;
using Dapper;
using OtpNet;
using QRCoder;
using ValidonX.LicensingApi.Accounts;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.TwoFactor;

/// <summary>
/// Turns second factors on and off, of users and operators alike. The owner is told of it by mail: who has got hold of a token could do it, too.
/// </summary>
internal sealed class ChangeSecondFactor(
    StateChanges changes, Reauthentication reauthentication, SecondFactors factors, MailOutbox outbox, AccountMails mails, CountedAudit counted, IWakeup wakeup, TimeProvider time)
{
    private const string Issuer = "ValidonX";
    private const string Factor = "two_factor";
    private const string On = "on";
    private const string Off = "off";
    private const int PixelsPerModule = 4;
    private static readonly TimeSpan NoticeLife = TimeSpan.FromDays(2);

    private static readonly ApiError IsOn = ApiErrors.Conflict("Two-factor authentication is on already; turn it off first.");
    private static readonly ApiError IsOff = ApiErrors.Conflict("Two-factor authentication is off.");

    /// <summary>
    /// Shows a new secret, which counts once it is confirmed. Who has the token of a session must not lock its owner out by a second factor: it takes the password, or a
    /// sign-in of just now.
    /// </summary>
    public async Task<IResult> BeginAsync(AccountOwner owner, Guid? tokenId, string? password, string network, ChangeRequest<NewSecondFactor> request) =>
        await reauthentication.RefusalAsync(owner, tokenId, password, request.Audit with { Action = $"{request.Audit.Action}_failed" }, network, request.Aborted) is { } refusal
            ? ApiResult.Error(refusal)
            : await BeginAsync(owner, request);

    private Task<IResult> BeginAsync(AccountOwner owner, ChangeRequest<NewSecondFactor> request) =>
        changes.InPlatformAsync<NewSecondFactor>(request, async (transaction, token) =>
            await LockAsync(transaction, owner, token) is not { } email ? ApiErrors.Unauthenticated
            : await factors.BeginAsync(transaction, owner, token) is not { } secret ? IsOn
            : new Changed<NewSecondFactor>(Show(secret, email)) { Event = request.Audit.About(owner.Type, owner.Id).Moved(Factor, Off, "unconfirmed") });

    /// <summary>Turns it on by a first code.</summary>
    public Task<IResult> ConfirmAsync(AccountOwner owner, string otp, string network, ChangeRequest<RecoveryCodesAnswer> request) =>
        TryAsync(owner, network, request, mails.TwoFactorOn(), audit => audit.Moved(Factor, "unconfirmed", On), (transaction, token) => factors.ConfirmAsync(transaction, owner, otp, token));

    /// <summary>Replaces the recovery codes.</summary>
    public Task<IResult> RenewCodesAsync(AccountOwner owner, string otp, string network, ChangeRequest<RecoveryCodesAnswer> request) =>
        TryAsync(owner, network, request, mails.RecoveryCodesRenewed(), audit => audit.ChangedOnly("recovery_codes"), async (transaction, token) =>
            await RefusalAsync(transaction, owner, otp, token) is { } refusal ? refusal : await factors.RenewCodesAsync(transaction, owner, token));

    /// <summary>Turns it off by a code.</summary>
    public Task<IResult> RemoveAsync(AccountOwner owner, string otp, string network, ChangeRequest<Nothing> request) =>
        TryAsync<Nothing>(owner, network, request, mails.TwoFactorOff(), audit => audit.Moved(Factor, On, Off), async (transaction, token) =>
        {
            if (await RefusalAsync(transaction, owner, otp, token) is { } refusal)
            {
                return refusal;
            }

            await SecondFactors.RemoveAsync(transaction, owner, token);
            return Nothing.Value;
        });

    /// <summary>Takes a user's second factor away without a code, for who has lost the device and all recovery codes. Whoever asks has made sure who it is.</summary>
    public async Task<IResult> TakeAwayAsync(Guid userId, ChangeRequest<Nothing> request)
    {
        var owner = AccountOwner.User(userId);
        var result = await changes.InPlatformAsync<Nothing>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, owner, token) is not { } email || !EmailAddress.TryParse(email, out var address))
            {
                return ApiErrors.ResourceNotFound;
            }

            if (!await SecondFactors.IsOnAsync(transaction, owner, token))
            {
                return new Changed<Nothing>(Nothing.Value);
            }

            await SecondFactors.RemoveAsync(transaction, owner, token);
            await outbox.WriteAsync(transaction, address, mails.TwoFactorOff(), time.GetUtcNow() + NoticeLife, isReal: true, token);
            return new Changed<Nothing>(Nothing.Value) { Event = request.Audit.About(owner.Type, owner.Id).Moved(Factor, On, Off) };
        });
        wakeup.Signal(MailOutbox.WakeupChannel);
        return result;
    }

    private async Task<IResult> TryAsync<T>(
        AccountOwner owner,
        string network,
        ChangeRequest<T> request,
        MailText notice,
        Func<AuditEvent, AuditEvent> moved,
        Func<DbTransaction, CancellationToken, Task<Outcome<T>>> work)
        where T : class
    {
        ApiError? refusal = null;
        var result = await changes.InPlatformAsync<T>(request, async (transaction, token) =>
        {
            if (await LockAsync(transaction, owner, token) is not { } email)
            {
                return ApiErrors.Unauthenticated;
            }

            var outcome = await work(transaction, token);
            refusal = outcome.Refusal;
            if (refusal is null && EmailAddress.TryParse(email, out var address))
            {
                await outbox.WriteAsync(transaction, address, notice, time.GetUtcNow() + NoticeLife, isReal: true, token);
            }

            return new Changed<T>(outcome) { Event = refusal is null ? moved(request.Audit.About(owner.Type, owner.Id)) : null };
        });
        wakeup.Signal(MailOutbox.WakeupChannel);
        if (refusal == ApiErrors.CodeInvalid)
        {
            counted.Note(request.Audit with { Action = $"{request.Audit.Action}_failed" }, SignInMetrics.WrongCode, network);
        }

        return result;
    }

    private async Task<ApiError?> RefusalAsync(DbTransaction transaction, AccountOwner owner, string otp, CancellationToken cancellationToken) =>
        !await SecondFactors.IsOnAsync(transaction, owner, cancellationToken) ? IsOff
        : await factors.CheckAsync(transaction, owner, otp, cancellationToken) is { } refusal ? refusal == ApiErrors.InvalidCredentials ? ApiErrors.CodeInvalid : refusal
        : null;

    /// <summary>Takes the account's turn; its address.</summary>
    private static Task<string?> LockAsync(DbTransaction transaction, AccountOwner owner, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            $"SELECT email FROM {owner.Table} WHERE id = @Id AND {owner.IsLetIn} FOR UPDATE", new { owner.Id }, transaction, cancellationToken: cancellationToken));

    private static NewSecondFactor Show(string secret, string email)
    {
        var url = new OtpUri(OtpType.Totp, secret, email, Issuer).ToString();
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(url, QRCodeGenerator.ECCLevel.M);
        using var picture = new SvgQRCode(code);
        return new NewSecondFactor(secret, url, picture.GetGraphic(PixelsPerModule));
    }
}
