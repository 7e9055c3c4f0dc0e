using System.Security.Cryptography;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Customers;

/// <summary>Customers' sessions, each for one license and for half an hour. They end when the license's customer has another address: it has been passed on.</summary>
internal sealed class CustomerSessions(TenantDatabases databases, CustomerCodes codes, CustomerHashes hashes, StateChanges changes, CountedAudit counted, TimeProvider time)
{
    private const string SubjectType = "license";

    /// <summary>How long a session lasts.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(30);

    /// <summary>401: there is no such session, or none any more.</summary>
    public static ApiError Unknown { get; } = ApiErrors.Unauthenticated with { Message = "The X-Customer-Token header is missing, or its token is unknown or has ended: ask for a new code." };

    /// <summary>403, whatever is wrong: the code, the key, or the time.</summary>
    public static ApiError WrongCode { get; } = ApiErrors.CodeInvalid with { Message = "The code is not the one that was mailed last for this license key, was used already, was tried too often, or is too old." };

    /// <summary>Opens one by a mailed code.</summary>
    /// <param name="placement">The tenant.</param>
    /// <param name="attempt">The key and the code.</param>
    /// <param name="network">Where the attempt comes from.</param>
    /// <param name="request">The attempt.</param>
    public async Task<IResult> OpenAsync(TenantPlacement placement, CustomerSessionRequest attempt, string network, ChangeRequest<CustomerSession> request)
    {
        var isOpened = false;
        var result = await changes.InTenantAsync<CustomerSession>(placement, request, async (transaction, token) =>
        {
            isOpened = false;
            if (await codes.TakeAsync(transaction, placement, attempt.LicenseKey, attempt.Code, token) is not { } license)
            {
                return WrongCode;
            }

            isOpened = true;
            var now = time.GetUtcNow();
            var secret = AccessToken.Create();
            var session = new CustomerSession(secret.Reveal(), now + Life);
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                DELETE FROM customer_sessions WHERE expires_at <= @now LIMIT 100;
                INSERT INTO customer_sessions (id, license_id, token_hash, email_hash, expires_at, created_at) VALUES (@Id, @LicenseId, @tokenHash, @emailHash, @ExpiresAt, @now)
                """,
                new { now, secret.Id, LicenseId = license.Id, tokenHash = secret.Hash(), emailHash = hashes.Email(placement, license.Email), session.ExpiresAt },
                transaction,
                cancellationToken: token));
            return new Changed<CustomerSession>(session) { Event = By(request.Audit, license.Id).Made(session, LicensingJson.Default.CustomerSession) };
        });
        if (!isOpened)
        {
            // Anyone can cause it at will, so it is counted.
            counted.Note(request.Audit with { Action = "customer.sign_in_failed" }, "wrong_code", network);
        }

        return result;
    }

    /// <summary>The license that a session is for.</summary>
    /// <exception cref="ApiException">401.</exception>
    public async Task<Guid> FindAsync(TenantPlacement placement, CustomerToken given, CancellationToken cancellationToken)
    {
        if (given.Token is { } token)
        {
            var row = await databases.ReadAsync(
                placement,
                """
                SELECT s.license_id, s.token_hash, s.email_hash, l.customer_email FROM customer_sessions s JOIN license_keys l ON l.id = s.license_id
                WHERE s.id = @Id AND s.expires_at > @now
                """,
                new { token.Id, now = time.GetUtcNow() },
                static rows => rows.ReadSingleOrDefaultAsync<SessionRow>(),
                cancellationToken);
            if (row is not null && token.Matches(row.TokenHash) && CryptographicOperations.FixedTimeEquals(row.EmailHash, hashes.Email(placement, row.CustomerEmail)))
            {
                return row.LicenseId;
            }
        }

        throw new ApiException(Unknown);
    }

    /// <summary>Ends one.</summary>
    public async Task<IResult> EndAsync(TenantPlacement placement, CustomerToken given, ChangeRequest<Nothing> request)
    {
        var licenseId = await FindAsync(placement, given, request.Aborted);
        return await changes.InTenantAsync<Nothing>(placement, request, async (transaction, token) =>
        {
            var ended = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "DELETE FROM customer_sessions WHERE id = @Id", new { given.Token!.Value.Id }, transaction, cancellationToken: token));
            return new Changed<Nothing>(Nothing.Value) { Event = ended > 0 ? By(request.Audit, licenseId).Moved("open", true, false) : null };
        });
    }

    /// <summary>What a license's customer does: the license is all that is known of who that is.</summary>
    public static AuditEvent By(AuditEvent audit, Guid licenseId) => audit.About(SubjectType, licenseId) with { ActorId = licenseId.ToString() };

    private sealed class SessionRow
    {
        public Guid LicenseId { get; init; }

        public byte[] TokenHash { get; init; } = [];

        public byte[] EmailHash { get; init; } = [];

        public string? CustomerEmail { get; init; }
    }
}
