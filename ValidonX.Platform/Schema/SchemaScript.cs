using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ValidonX.Platform.Schema;

/// <summary>One numbered schema change: <c>0001_name.sql</c>, embedded beside this file.</summary>
/// <param name="Number">Its place in the order, from 1 without gaps.</param>
/// <param name="Name">What it is about.</param>
/// <param name="Sql">Its statements; each may run again after a crash between two of them.</param>
/// <param name="Checksum">SHA-256 of the text, lower-case hex: an applied script must never change.</param>
public sealed record SchemaScript(int Number, string Name, string Sql, string Checksum)
{
    /// <summary>The platform database's scripts, in order.</summary>
    public static ImmutableArray<SchemaScript> Platform { get; } =
        [.. Load("Platform").Select(script => script.Name == EmailAddressRows.Script ? script with { Prepare = EmailAddressRows.PrepareAsync } : script)];

    /// <summary>A tenant database's scripts, in order.</summary>
    public static ImmutableArray<SchemaScript> Tenant { get; } = Load("Tenant");

    /// <summary>What code has to check or change before the script can run, if anything; it too may run again.</summary>
    public Func<DbConnection, CancellationToken, Task>? Prepare { get; init; }

    /// <summary>The version that a fully migrated tenant database has.</summary>
    public static int TenantVersion => Tenant[^1].Number;

    private static ImmutableArray<SchemaScript> Load(string folder)
    {
        var assembly = typeof(SchemaScript).Assembly;
        var prefix = $"{typeof(SchemaScript).Namespace}.{folder}.";
        var scripts = assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && name.EndsWith(".sql", StringComparison.Ordinal))
            .Select(name => Read(assembly.GetManifestResourceStream(name)!, name[prefix.Length..^".sql".Length]))
            .OrderBy(script => script.Number)
            .ToImmutableArray();
        for (var i = 0; i < scripts.Length; i++)
        {
            if (scripts[i].Number != i + 1)
            {
                throw new InvalidOperationException($"The {folder} schema scripts are not numbered 1, 2, 3… without gaps.");
            }
        }

        return scripts;
    }

    private static SchemaScript Read(Stream stream, string fileName)
    {
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var sql = reader.ReadToEnd().ReplaceLineEndings("\n");
        return new SchemaScript(
            int.Parse(fileName.AsSpan(0, 4), CultureInfo.InvariantCulture),
            fileName[5..],
            sql,
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(sql))));
    }
}
