using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.Gateway.SingleSignOn;

/// <summary>Finds tenants' single sign-on and its users in the platform database.</summary>
internal sealed class SignOnDirectory(PlatformDatabase platform)
{
    /// <summary>Every issuer that some tenant has configured.</summary>
    public async Task<ConfiguredIssuers?> FindIssuersAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return new ConfiguredIssuers((await connection.QueryAsync<string>(new CommandDefinition(
            "SELECT DISTINCT issuer FROM tenant_sso", cancellationToken: cancellationToken))).ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>The tenants whose users sign in at an issuer, the oldest first; <see langword="null"/> when there are none.</summary>
    public async Task<TenantsOfIssuer?> FindTenantsAsync(string issuer, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var settings = (await connection.QueryAsync<SignOnSettings>(new CommandDefinition(
            $"SELECT {SignOnSettings.Columns} FROM tenant_sso WHERE issuer = @issuer ORDER BY tenant_id",
            new { issuer },
            cancellationToken: cancellationToken))).AsList();
        return settings.Count == 0 ? null : new TenantsOfIssuer(settings);
    }

    /// <summary>The user whom a subject is in a tenant, or <see langword="null"/>.</summary>
    public async Task<KnownSubject?> FindSubjectAsync(SubjectKey subject, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<KnownSubject>(new CommandDefinition(
            "SELECT user_id, claims_at FROM sso_subjects WHERE subject_key = @key",
            new { key = subject.ToArray() },
            cancellationToken: cancellationToken));
    }
}

/// <summary>The issuers that there are: a token of any other is refused without a look anywhere.</summary>
internal sealed record ConfiguredIssuers(IReadOnlySet<string> Issuers);

/// <summary>The tenants of an issuer. Another object after every change of one of them.</summary>
internal sealed record TenantsOfIssuer(IReadOnlyList<SignOnSettings> Settings)
{
    /// <summary>For whom the issuer's tokens may be.</summary>
    public IReadOnlyList<string> Audiences { get; } = [.. Settings.Select(settings => settings.AcceptedAudience).Distinct(StringComparer.Ordinal)];
}

/// <summary>A subject that has become a user.</summary>
internal sealed record KnownSubject
{
    /// <summary>The user.</summary>
    public Guid UserId { get; init; }

    /// <summary>When the newest token was issued whose claims were taken note of, Unix seconds.</summary>
    public long ClaimsAt { get; init; }
}
