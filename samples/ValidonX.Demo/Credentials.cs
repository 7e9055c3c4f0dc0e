using System.Text.Json;
using ValidonX.Hosting.Data;

namespace ValidonX.Demo;

/// <summary>What the platform showed once for a demo tenant, kept on this machine so that every start can show it again.</summary>
/// <param name="Filled">Whether the catalogue is in; a start that was interrupted before is made good by the next.</param>
internal sealed record Credentials(string Slug, string Name, string Plan, string TenantId, string ApiKey, string BearerToken, bool Filled)
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true };

    /// <summary>What an earlier start kept, or nothing.</summary>
    public static IReadOnlyList<Credentials> Load(string file) =>
        File.Exists(file) ? JsonSerializer.Deserialize<List<Credentials>>(File.ReadAllText(file), Format) ?? [] : [];

    /// <summary>Keeps them in a file that only its owner can read.</summary>
    public static void Save(string file, IReadOnlyList<Credentials> all) =>
        PrivateFiles.Write(file, JsonSerializer.Serialize(all, Format));
}
