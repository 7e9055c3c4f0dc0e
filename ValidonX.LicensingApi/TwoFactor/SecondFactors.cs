using System.Data.Common;
using Dapper;
using OtpNet;
using ValidonX.Platform.Api;
using ValidonX.Platform.Secrets;

namespace ValidonX.LicensingApi.TwoFactor;

/// <summary>
/// Second factors (TOTP, RFC 6238: SHA-1, six digits, thirty seconds, one step of tolerance) of users and operators, inside the transactions of what asks for them.
/// No code is accepted twice. Five wrong codes in a row bar all codes of the account for a quarter of an hour, which somebody can only bring about who has the
/// password or a token already.
/// </summary>
internal sealed class SecondFactors(SecretSealer sealer, TimeProvider time)
{
    private const int SecretBytes = 20;
    private const int RecoveryCodes = 10;
    private const int MostFailures = 5;

    private static readonly TimeSpan LockFor = TimeSpan.FromMinutes(15);
    private static readonly VerificationWindow Tolerance = new(previous: 1, future: 1);

    /// <summary>Keeps a new secret, which counts once it is confirmed; one that waits for that is replaced.</summary>
    /// <returns>The secret, base 32, or <see langword="null"/> when a confirmed one is there.</returns>
    public async Task<string?> BeginAsync(DbTransaction transaction, AccountOwner owner, CancellationToken cancellationToken)
    {
        if (await SecondFactorRow.LockAsync(transaction, owner, cancellationToken) is { ConfirmedAt: not null })
        {
            return null;
        }

        var secret = Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(SecretBytes));
        await ExecuteAsync(
            transaction,
            """
            INSERT INTO two_factors (owner_type, owner_id, sealed_secret, created_at) VALUES (@Type, @Id, @sealed, @now)
            ON DUPLICATE KEY UPDATE sealed_secret = VALUES(sealed_secret), last_step = 0, failures = 0, locked_until = NULL, created_at = VALUES(created_at)
            """,
            new { owner.Type, owner.Id, @sealed = sealer.Seal(secret, SealedPurposes.TwoFactor, owner.Id), now = time.GetUtcNow() },
            cancellationToken);
        return secret;
    }

    /// <summary>Confirms the secret by a first code of it.</summary>
    /// <returns>New recovery codes, or why not.</returns>
    public async Task<Outcome<RecoveryCodesAnswer>> ConfirmAsync(DbTransaction transaction, AccountOwner owner, string otp, CancellationToken cancellationToken)
    {
        var row = await SecondFactorRow.LockAsync(transaction, owner, cancellationToken);
        if (row is not { ConfirmedAt: null })
        {
            return row is null ? ApiErrors.Conflict("Two-factor authentication has not been begun.") : ApiErrors.Conflict("Two-factor authentication is on already.");
        }

        if (await RefusalAsync(transaction, owner, row, otp, cancellationToken) is { } refusal)
        {
            return refusal == ApiErrors.InvalidCredentials ? ApiErrors.CodeInvalid : refusal;
        }

        await ExecuteAsync(
            transaction, "UPDATE two_factors SET confirmed_at = @now WHERE owner_type = @Type AND owner_id = @Id", new { owner.Type, owner.Id, now = time.GetUtcNow() }, cancellationToken);
        return await RenewCodesAsync(transaction, owner, cancellationToken);
    }

    /// <summary>Replaces the recovery codes, used or not.</summary>
    public async Task<RecoveryCodesAnswer> RenewCodesAsync(DbTransaction transaction, AccountOwner owner, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        string[] codes = [.. Enumerable.Range(0, RecoveryCodes).Select(_ => RecoveryCode.Create())];
        await ExecuteAsync(transaction, "DELETE FROM recovery_codes WHERE owner_type = @Type AND owner_id = @Id", owner, cancellationToken);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO recovery_codes (owner_type, owner_id, code_hash, created_at) VALUES (@Type, @Id, @hash, @now)",
            codes.Select(code => new { owner.Type, owner.Id, hash = RecoveryCode.Hash(code, owner), now }),
            transaction,
            cancellationToken: cancellationToken));
        return new RecoveryCodesAnswer(codes);
    }

    /// <summary>Asks for the second factor, if the account has one. A wrong code is counted, so the transaction has to be committed also then.</summary>
    /// <returns>Why it does not do: missing, wrong (as wrong credentials), or barred for a while; <see langword="null"/> when it does.</returns>
    public async Task<ApiError?> CheckAsync(DbTransaction transaction, AccountOwner owner, string? otp, CancellationToken cancellationToken)
    {
        if (await SecondFactorRow.LockAsync(transaction, owner, cancellationToken) is not { ConfirmedAt: not null } row)
        {
            return null;
        }

        return otp is null ? ApiErrors.TwoFactorRequired : await RefusalAsync(transaction, owner, row, otp, cancellationToken);
    }

    /// <summary>Takes the second factor away.</summary>
    public static async Task RemoveAsync(DbTransaction transaction, AccountOwner owner, CancellationToken cancellationToken)
    {
        await ExecuteAsync(transaction, "DELETE FROM recovery_codes WHERE owner_type = @Type AND owner_id = @Id", owner, cancellationToken);
        await ExecuteAsync(transaction, "DELETE FROM two_factors WHERE owner_type = @Type AND owner_id = @Id", owner, cancellationToken);
    }

    /// <summary>Whether the account has one that is confirmed.</summary>
    public static async Task<bool> IsOnAsync(DbTransaction transaction, AccountOwner owner, CancellationToken cancellationToken) =>
        await SecondFactorRow.LockAsync(transaction, owner, cancellationToken) is { ConfirmedAt: not null };

    private async Task<ApiError?> RefusalAsync(DbTransaction transaction, AccountOwner owner, SecondFactorRow row, string otp, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (row.LockedUntil is { } until && until > now)
        {
            return ApiErrors.AccountLocked with { RetryAfterSeconds = (int)Math.Ceiling((until - now).TotalSeconds) };
        }

        var step = StepOf(row, owner, otp, now);
        if (step > row.LastStep || (step is null && await UseRecoveryCodeAsync(transaction, owner, otp, now, cancellationToken)))
        {
            await ExecuteAsync(
                transaction,
                "UPDATE two_factors SET last_step = @step, failures = 0, locked_until = NULL WHERE owner_type = @Type AND owner_id = @Id",
                new { owner.Type, owner.Id, step = step ?? row.LastStep },
                cancellationToken);
            return null;
        }

        var failures = row.Failures + 1;
        await ExecuteAsync(
            transaction,
            "UPDATE two_factors SET failures = @left, locked_until = @until WHERE owner_type = @Type AND owner_id = @Id",
            new { owner.Type, owner.Id, left = failures % MostFailures, until = failures == MostFailures ? now + LockFor : (DateTimeOffset?)null },
            cancellationToken);
        return ApiErrors.InvalidCredentials;
    }

    /// <summary>The time step whose code this is, or <see langword="null"/>.</summary>
    private long? StepOf(SecondFactorRow row, AccountOwner owner, string otp, DateTimeOffset now)
    {
        var totp = new Totp(Base32Encoding.ToBytes(sealer.Open(row.SealedSecret, SealedPurposes.TwoFactor, owner.Id)));
        return totp.VerifyTotp(now.UtcDateTime, otp.Trim(), out var step, Tolerance) ? step : null;
    }

    private static async Task<bool> UseRecoveryCodeAsync(DbTransaction transaction, AccountOwner owner, string otp, DateTimeOffset now, CancellationToken cancellationToken) =>
        RecoveryCode.Hash(otp, owner) is { } hash
        && await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE recovery_codes SET used_at = @now WHERE owner_type = @Type AND owner_id = @Id AND code_hash = @hash AND used_at IS NULL",
            new { owner.Type, owner.Id, hash, now },
            transaction,
            cancellationToken: cancellationToken)) == 1;

    private static Task<int> ExecuteAsync(DbTransaction transaction, string sql, object parameters, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(sql, parameters, transaction, cancellationToken: cancellationToken));
}
