using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using ValidonX.Platform.Tenants;

namespace ValidonX.Platform.Databases;

/// <summary>
/// The name of a tenant's database, <c>vx_tenant_&lt;slug&gt;_&lt;4 random&gt;</c>: the only kind of value that is ever
/// put into SQL text as a database identifier, so its alphabet (<c>a-z 0-9 _</c>) is checked on the way in.
/// </summary>
public readonly record struct DatabaseName
{
    private const string Prefix = "vx_tenant_";
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz0123456789";

    private DatabaseName(string value) => Value = value;

    /// <summary>The bare name.</summary>
    public string Value { get; }

    /// <summary>The name as a quoted SQL identifier.</summary>
    internal string Quoted => $"`{Value}`";

    /// <summary>
    /// The name as GRANT takes it. There <c>_</c> is a wildcard: unescaped, a grant on <c>vx_tenant_a_b_1234</c> would
    /// also open <c>vx_tenant_axb_1234</c> to the same tenant.
    /// </summary>
    internal string GrantPattern => $"`{Value.Replace("_", "\\_", StringComparison.Ordinal)}`";

    /// <summary>Makes a new name for a tenant; the random tail keeps names apart when a slug is used again later.</summary>
    public static DatabaseName Create(TenantSlug slug) =>
        new($"{Prefix}{slug.Value.Replace('-', '_')}_{RandomNumberGenerator.GetString(Alphabet, 4)}");

    /// <summary>Accepts a stored name.</summary>
    /// <exception cref="FormatException">The value is not a tenant database's name.</exception>
    public static DatabaseName Parse(string value) =>
        TryParse(value, out var name) ? name : throw new FormatException("Not the name of a tenant database.");

    /// <summary>Accepts a stored name; <see langword="false"/> when it is not a tenant database's.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out DatabaseName name)
    {
        name = default;
        if (value is null || value.Length is < 12 or > 64 || !value.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        foreach (var c in value)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c != '_')
            {
                return false;
            }
        }

        name = new DatabaseName(value);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
