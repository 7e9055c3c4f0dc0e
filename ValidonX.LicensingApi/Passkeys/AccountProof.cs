using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Passkeys;

/// <summary>
/// Asks somebody signed in for the password and the second factor again, as far as the account has them: a token alone, which may be stolen, must not be enough to make a
/// way in that outlives it, nor to take one away.
/// </summary>
internal sealed class AccountProof(PlatformDatabase platform, PasswordHasher passwords, SecondFactors factors)
{
    /// <summary>The part that takes long: the password, outside of any transaction.</summary>
    /// <returns>Whether it is right, and the hash that it was checked against.</returns>
    public async Task<(bool IsRight, string? Hash)> CheckPasswordAsync(AccountOwner owner, string? password, CancellationToken cancellationToken)
    {
        string? hash;
        await using (var connection = await platform.OpenAsync(cancellationToken))
        {
            hash = await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
                $"SELECT password_hash FROM {owner.Table} WHERE id = @Id", new { owner.Id }, cancellationToken: cancellationToken));
        }

        return (hash is null || (password is not null && await passwords.VerifyAsync(hash, password, cancellationToken)), hash);
    }

    /// <summary>The rest: that the password is still that one, and the code, which is used up; the account's turn is taken.</summary>
    /// <param name="transaction">The platform database's. A wrong code is counted in it, so it has to be committed also then.</param>
    /// <param name="owner">Whose account.</param>
    /// <param name="hash">What the password was checked against.</param>
    /// <param name="otp">The code.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Why not, or the account's address and name.</returns>
    public async Task<(ApiError? Refusal, ProvenAccount? Account)> CheckRestAsync(
        DbTransaction transaction, AccountOwner owner, string? hash, string? otp, CancellationToken cancellationToken)
    {
        var account = await ProvenAccount.LockAsync(transaction, owner, cancellationToken);
        if (account is null || account.PasswordHash != hash)
        {
            return (ApiErrors.Unauthenticated, null);
        }

        var refusal = await factors.CheckAsync(transaction, owner, otp, cancellationToken);
        return (refusal == ApiErrors.InvalidCredentials ? ApiErrors.CodeInvalid : refusal, account);
    }
}

/// <summary>An account whose turn was taken.</summary>
internal sealed record ProvenAccount
{
    public string Email { get; init; } = "";

    public string Name { get; init; } = "";

    public string? PasswordHash { get; init; }

    /// <summary>Takes the turn, unless there is no such account or it is let in by nothing any more.</summary>
    public static Task<ProvenAccount?> LockAsync(DbTransaction transaction, AccountOwner owner, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<ProvenAccount?>(new CommandDefinition(
            $"SELECT email, name, password_hash FROM {owner.Table} WHERE id = @Id AND {owner.IsLetIn} FOR UPDATE", new { owner.Id }, transaction, cancellationToken: cancellationToken));
}
