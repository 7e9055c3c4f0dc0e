using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Branding;

/// <summary>Branding, and the tag that names this state of it.</summary>
internal sealed record TaggedBranding(TenantBranding Branding, EntityTag Tag);

/// <summary>A logo with its bytes.</summary>
internal sealed record StoredLogo(ShownLogo Logo, byte[] File);

/// <summary>A tenant's branding, in its own database.</summary>
internal sealed class BrandingStore(TenantDatabases databases, StateChanges changes, TimeProvider time)
{
    private const string Version = "version";
    private const string Logo = "logo";
    private const string LogoFile = "logo_file";
    private const string SubjectType = "branding";

    /// <summary>The branding.</summary>
    public async Task<TaggedBranding> FindAsync(TenantPlacement placement, string name, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await ReadAsync(scope.Connection, null, name, cancellationToken);
    }

    /// <summary>The logo, if there is one.</summary>
    public async Task<StoredLogo?> FindLogoAsync(TenantPlacement placement, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var rows = (await scope.Connection.QueryAsync<(string Name, string Value)>(new CommandDefinition(
            "SELECT name, value FROM branding WHERE name IN (@Logo, @LogoFile)",
            new { Logo, LogoFile },
            cancellationToken: cancellationToken))).ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal);
        return rows.TryGetValue(Logo, out var logo) && rows.TryGetValue(LogoFile, out var file)
            ? new StoredLogo(JsonSerializer.Deserialize(logo, LicensingJson.Default.ShownLogo)!, Convert.FromBase64String(file))
            : null;
    }

    /// <summary>Replaces all but the logo, if it is as the caller has seen it.</summary>
    public Task<IResult> ReplaceAsync(TenantPlacement placement, string name, BrandingRequest wanted, IfMatch seen, ChangeRequest<TaggedBranding> request) =>
        ChangeAsync(
            placement,
            name,
            seen,
            request,
            [
                ("display_name", Json(wanted.DisplayName)),
                ("primary_color", Json(wanted.PrimaryColor)),
                ("accent_color", Json(wanted.AccentColor)),
                ("background_color", Json(wanted.BackgroundColor)),
                ("custom_css", wanted.CustomCss is { } css ? Json(CustomCss.Clean(css, out _)!) : null),
            ]);

    /// <summary>Puts another logo in the place of the one that is there.</summary>
    public Task<IResult> ReplaceLogoAsync(TenantPlacement placement, string name, LogoImage image, byte[] file, ChangeRequest<TaggedBranding> request)
    {
        var logo = new ShownLogo(image.MediaType, image.Width, image.Height, file.Length, Convert.ToHexStringLower(SHA256.HashData(file)));
        return ChangeAsync(
            placement, name, null, request, [(Logo, JsonSerializer.Serialize(logo, LicensingJson.Default.ShownLogo)), (LogoFile, Convert.ToBase64String(file))]);
    }

    /// <summary>Takes the logo away.</summary>
    public Task<IResult> DeleteLogoAsync(TenantPlacement placement, string name, ChangeRequest<TaggedBranding> request) =>
        ChangeAsync(placement, name, null, request, [(Logo, null), (LogoFile, null)]);

    private Task<IResult> ChangeAsync(
        TenantPlacement placement, string name, IfMatch? seen, ChangeRequest<TaggedBranding> request, IReadOnlyList<(string Name, string? Value)> values) =>
        changes.InTenantAsync<TaggedBranding>(placement, request, async (transaction, token) =>
        {
            var connection = transaction.Connection!;
            var now = time.GetUtcNow();
            // Who changes branding waits here for who does so already; the number tells states apart that look the same.
            await connection.ExecuteAsync(new CommandDefinition(
                "INSERT INTO branding (name, value, updated_at) VALUES (@Version, '0', @now) ON DUPLICATE KEY UPDATE name = VALUES(name)",
                new { Version, now },
                transaction,
                cancellationToken: token));
            var before = await ReadAsync(connection, transaction, name, token);
            if (seen?.Refusal(before.Tag) is { } refusal)
            {
                return refusal;
            }

            foreach (var (key, value) in values)
            {
                await connection.ExecuteAsync(new CommandDefinition(
                    value is null
                        ? "DELETE FROM branding WHERE name = @key"
                        : "INSERT INTO branding (name, value, updated_at) VALUES (@key, @value, @now) ON DUPLICATE KEY UPDATE value = VALUES(value), updated_at = VALUES(updated_at)",
                    new { key, value, now },
                    transaction,
                    cancellationToken: token));
            }

            var after = await ReadAsync(connection, transaction, name, token);
            if (after.Tag == before.Tag)
            {
                return new Changed<TaggedBranding>(before);
            }

            await connection.ExecuteAsync(new CommandDefinition(
                "UPDATE branding SET value = value + 1, updated_at = @now WHERE name = @Version",
                new { Version, now },
                transaction,
                cancellationToken: token));
            return new Changed<TaggedBranding>(await ReadAsync(connection, transaction, name, token))
            {
                Event = (request.Audit with { SubjectType = SubjectType }).Changed(before.Branding, after.Branding, LicensingJson.Default.TenantBranding),
            };
        });

    private static async Task<TaggedBranding> ReadAsync(DbConnection connection, DbTransaction? transaction, string name, CancellationToken cancellationToken)
    {
        var rows = (await connection.QueryAsync<(string Name, string Value)>(new CommandDefinition(
            "SELECT name, value FROM branding WHERE name <> @LogoFile",
            new { LogoFile },
            transaction,
            cancellationToken: cancellationToken))).ToDictionary(row => row.Name, row => row.Value, StringComparer.Ordinal);
        var branding = new TenantBranding(
            Text("display_name") ?? name,
            Text("primary_color") ?? TenantBranding.NeutralPrimary,
            Text("accent_color") ?? TenantBranding.NeutralAccent,
            Text("background_color") ?? TenantBranding.NeutralBackground,
            Text("custom_css"),
            rows.TryGetValue(Logo, out var logo) ? JsonSerializer.Deserialize(logo, LicensingJson.Default.ShownLogo) : null);
        return new TaggedBranding(branding, EntityTag.Of($"{rows.GetValueOrDefault(Version, "0")}\n{JsonSerializer.Serialize(branding, LicensingJson.Default.TenantBranding)}"));

        string? Text(string key) => rows.TryGetValue(key, out var json) ? JsonSerializer.Deserialize(json, LicensingJson.Default.String) : null;
    }

    private static string Json(string text) => JsonSerializer.Serialize(text, LicensingJson.Default.String);
}
