using System.Data.Common;
using System.Security.Cryptography;
using Dapper;
using ValidonX.LicensingApi.TwoFactor;

namespace ValidonX.LicensingApi.Passkeys;

/// <summary>A row of <c>passkeys</c>.</summary>
internal sealed record PasskeyRow
{
    /// <summary>Most bytes of a credential's id (WebAuthn §4).</summary>
    public const int MaximumIdLength = 1_023;

    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, owner_type, owner_id, credential_id, public_key, sign_count, name, is_backed_up, created_at, last_used_at";

    public Guid Id { get; init; }

    public string OwnerType { get; init; } = "";

    public Guid OwnerId { get; init; }

    public byte[] CredentialId { get; init; } = [];

    public byte[] PublicKey { get; init; } = [];

    public long SignCount { get; init; }

    public string Name { get; init; } = "";

    public bool IsBackedUp { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? LastUsedAt { get; init; }

    /// <summary>Whose it is.</summary>
    public AccountOwner Owner => new(OwnerType, OwnerId);

    /// <summary>What a credential is found by.</summary>
    public static byte[] HashOf(byte[] credentialId) => SHA256.HashData(credentialId);

    /// <summary>All of an account, newest first.</summary>
    public static async Task<IReadOnlyList<PasskeyRow>> AllAsync(DbConnection connection, DbTransaction? transaction, AccountOwner owner, CancellationToken cancellationToken) =>
        (await connection.QueryAsync<PasskeyRow>(new CommandDefinition(
            $"SELECT {Columns} FROM passkeys WHERE owner_type = @Type AND owner_id = @Id ORDER BY id DESC", owner, transaction, cancellationToken: cancellationToken))).AsList();

    /// <summary>As its owner sees it.</summary>
    public ShownPasskey Show() => new(Id, Name, IsBackedUp, LastUsedAt, CreatedAt);
}
