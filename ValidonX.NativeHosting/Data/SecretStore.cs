using System.Text.Json;

namespace Aspire.Hosting.Data;

/// <summary>A file of secrets by name that only its owner can read.</summary>
internal sealed class SecretStore(string path)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _gate = new();

    /// <summary>The secret of that name; made and kept when there is none.</summary>
    public string GetOrAdd(string name, Func<string> make)
    {
        lock (_gate)
        {
            var secrets = Read();
            if (secrets.TryGetValue(name, out var known))
                return known;

            var made = make();
            secrets[name] = made;
            PrivateFile.Write(path, JsonSerializer.Serialize(secrets, Indented));
            return made;
        }
    }

    private SortedDictionary<string, string> Read()
    {
        if (!File.Exists(path))
            return new(StringComparer.Ordinal);

        try
        {
            return new(JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? [], StringComparer.Ordinal);
        }
        catch (JsonException exception)
        {
            throw new DistributedApplicationException(
                $"The generated secrets in {path} cannot be read; restore the file, or remove it together with the data beside it.", exception);
        }
    }
}
