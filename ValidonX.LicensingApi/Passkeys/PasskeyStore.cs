using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Challenges;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Mail;
using ValidonX.LicensingApi.TwoFactor;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Passkeys;

/// <summary>Passkeys of users and operators. Their owner is told by mail when one comes or goes.</summary>
internal sealed class PasskeyStore(
    PlatformDatabase platform,
    StateChanges changes,
    PasskeyCeremonies ceremonies,
    AccountProof proofs,
    MailOutbox outbox,
    AccountMails mails,
    CountedAudit counted,
    IWakeup wakeup,
    TimeProvider time)
{
    private const string SubjectType = "passkey";

    /// <summary>Most passkeys of one account.</summary>
    private const int Most = 20;

    private static readonly TimeSpan NoticeLife = TimeSpan.FromDays(2);

    /// <summary>The refusal of one too many.</summary>
    public static ApiError TooMany { get; } = ApiErrors.Conflict($"The account has {Most} passkeys; delete one first.");

    /// <summary>The refusal of one that is there.</summary>
    public static ApiError IsKnown { get; } = ApiErrors.Conflict("This passkey is registered already.");

    /// <summary>The refusal of an answer that does not fit its question.</summary>
    public static ApiError NotConfirmed { get; } =
        ApiErrors.VerificationFailed with { Message = "The passkey's answer does not fit the question, or the question is too old or was answered already." };

    /// <summary>One page of an account's, newest first.</summary>
    public async Task<(IReadOnlyList<ShownPasskey> Items, string? NextCursor)> ListAsync(AccountOwner owner, PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<PasskeyRow>(new CommandDefinition(
            $"""
            SELECT {PasskeyRow.Columns} FROM passkeys WHERE owner_type = @Type AND owner_id = @Id {page.AndOlder()}
            ORDER BY id DESC LIMIT @take
            """,
            new { owner.Type, owner.Id, page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        var (items, nextCursor) = page.Cut(rows, row => row.Id);
        return ([.. items.Select(row => row.Show())], nextCursor);
    }

    /// <summary>Begins to make one.</summary>
    public Task<IResult> BeginAsync(AccountOwner owner, PasskeyProof proof, string network, ChangeRequest<PasskeyQuestion> request) =>
        ProveAsync(owner, proof, network, request, async (transaction, account, token) =>
        {
            var existing = await PasskeyRow.AllAsync(transaction.Connection!, transaction, owner, token);
            return existing.Count >= Most
                ? TooMany
                : new Changed<PasskeyQuestion>(ceremonies.AskForNew(owner, account.Email, account.Name, existing.Select(row => row.CredentialId)));
        });

    /// <summary>Makes one, by the answer of a passkey to its question.</summary>
    public async Task<IResult> AddAsync(AccountOwner owner, NewPasskey made, ChangeRequest<ShownPasskey> request)
    {
        if (ceremonies.Open(made.Ceremony, PasskeyCeremonies.Registration, owner.Id) is not { } begun
            || await ceremonies.CheckNewAsync(owner, begun, made.Credential, request.Aborted) is not { } credential
            || credential.Id.Length > PasskeyRow.MaximumIdLength)
        {
            return ApiResult.Error(NotConfirmed);
        }

        var result = await changes.InPlatformAsync<ShownPasskey>(request, async (transaction, token) =>
        {
            if (await ProvenAccount.LockAsync(transaction, owner, token) is not { } account)
            {
                return ApiErrors.Unauthenticated;
            }

            if (!await UsedChallenges.TakeAsync(transaction, begun.Challenge, begun.ExpiresAt, token))
            {
                return NotConfirmed;
            }

            if ((await PasskeyRow.AllAsync(transaction.Connection!, transaction, owner, token)).Count >= Most)
            {
                return TooMany;
            }

            var row = new PasskeyRow
            {
                Id = Guid.CreateVersion7(),
                OwnerType = owner.Type,
                OwnerId = owner.Id,
                CredentialId = credential.Id,
                PublicKey = credential.PublicKey,
                SignCount = credential.SignCount,
                Name = made.Name,
                IsBackedUp = credential.IsBackedUp,
                CreatedAt = time.GetUtcNow(),
            };
            if (!await InsertAsync(transaction, row, token))
            {
                return IsKnown;
            }

            await TellAsync(transaction, account, mails.PasskeyAdded(), token);
            return new Changed<ShownPasskey>(row.Show()) { Event = request.Audit.About(SubjectType, row.Id).Made(row.Show(), LicensingJson.Default.ShownPasskey) };
        });
        wakeup.Signal(MailOutbox.WakeupChannel);
        return result;
    }

    /// <summary>Gives one another name.</summary>
    public Task<IResult> RenameAsync(AccountOwner owner, Guid id, string name, ChangeRequest<ShownPasskey> request) =>
        changes.InPlatformAsync<ShownPasskey>(request, async (transaction, token) =>
        {
            if (await FindAsync(transaction, owner, id, token) is not { } row)
            {
                return ApiErrors.ResourceNotFound;
            }

            var renamed = row with { Name = name };
            if (renamed == row)
            {
                return new Changed<ShownPasskey>(row.Show());
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE passkeys SET name = @name WHERE id = @id", new { id, name }, transaction, cancellationToken: token));
            return new Changed<ShownPasskey>(renamed.Show())
            {
                Event = request.Audit.About(SubjectType, id).Changed(row.Show(), renamed.Show(), LicensingJson.Default.ShownPasskey),
            };
        });

    /// <summary>Deletes one.</summary>
    public async Task<IResult> DeleteAsync(AccountOwner owner, Guid id, PasskeyProof proof, string network, ChangeRequest<DeletedAnswer> request)
    {
        var result = await ProveAsync(owner, proof, network, request, async (transaction, account, token) =>
        {
            if (await FindAsync(transaction, owner, id, token) is not { } row)
            {
                return ApiErrors.ResourceNotFound;
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition("DELETE FROM passkeys WHERE id = @id", new { id }, transaction, cancellationToken: token));
            await TellAsync(transaction, account, mails.PasskeyRemoved(), token);
            return new Changed<DeletedAnswer>(new DeletedAnswer(true, id)) { Event = request.Audit.About(SubjectType, id).Unmade(row.Show(), LicensingJson.Default.ShownPasskey) };
        });
        wakeup.Signal(MailOutbox.WakeupChannel);
        return result;
    }

    private async Task<IResult> ProveAsync<T>(
        AccountOwner owner,
        PasskeyProof proof,
        string network,
        ChangeRequest<T> request,
        Func<DbTransaction, ProvenAccount, CancellationToken, Task<Changed<T>>> work)
        where T : class
    {
        var (isRight, hash) = await proofs.CheckPasswordAsync(owner, proof.Password, request.Aborted);
        if (!isRight)
        {
            return Refuse(ApiErrors.VerificationFailed, SignInMetrics.WrongPassword);
        }

        ApiError? refusal = null;
        var result = await changes.InPlatformAsync<T>(request, async (transaction, token) =>
        {
            (refusal, var account) = await proofs.CheckRestAsync(transaction, owner, hash, proof.Otp, token);
            return refusal is not null ? refusal : await work(transaction, account!, token);
        });
        return refusal is null ? result : Refuse(refusal, proof.Otp is null ? SignInMetrics.NoCode : SignInMetrics.WrongCode);

        IResult Refuse(ApiError error, string reason)
        {
            counted.Note(request.Audit with { Action = $"{request.Audit.Action}_failed" }, reason, network);
            return ApiResult.Error(error);
        }
    }

    private async Task TellAsync(DbTransaction transaction, ProvenAccount account, MailText notice, CancellationToken cancellationToken)
    {
        if (EmailAddress.TryParse(account.Email, out var address))
        {
            await outbox.WriteAsync(transaction, address, notice, time.GetUtcNow() + NoticeLife, isReal: true, cancellationToken);
        }
    }

    private static Task<PasskeyRow?> FindAsync(DbTransaction transaction, AccountOwner owner, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<PasskeyRow?>(new CommandDefinition(
            $"SELECT {PasskeyRow.Columns} FROM passkeys WHERE id = @id AND owner_type = @type AND owner_id = @owner FOR UPDATE",
            new { id, type = owner.Type, owner = owner.Id },
            transaction,
            cancellationToken: cancellationToken));

    private static async Task<bool> InsertAsync(DbTransaction transaction, PasskeyRow row, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO passkeys (id, owner_type, owner_id, credential_hash, credential_id, public_key, sign_count, name, is_backed_up, created_at)
                VALUES (@Id, @OwnerType, @OwnerId, @hash, @CredentialId, @PublicKey, @SignCount, @Name, @IsBackedUp, @CreatedAt)
                """,
                new
                {
                    row.Id,
                    row.OwnerType,
                    row.OwnerId,
                    hash = PasskeyRow.HashOf(row.CredentialId),
                    row.CredentialId,
                    row.PublicKey,
                    row.SignCount,
                    row.Name,
                    row.IsBackedUp,
                    row.CreatedAt,
                },
                transaction,
                cancellationToken: cancellationToken));
            return true;
        }
        catch (DbException known) when (DatabaseError.IsDuplicateKey(known))
        {
            return false;
        }
    }
}
