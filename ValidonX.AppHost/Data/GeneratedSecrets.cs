using System.Security.Cryptography;
using System.Text.Json;
using Aspire.Hosting.Publishing;
using ValidonX.Hosting.Data;

namespace ValidonX.AppHost.Data;

/// <summary>Secrets by name in a file that only its owner can read, beside the data that are useless without them.</summary>
internal sealed class GeneratedSecrets(string folder)
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Lock _gate = new();
    private readonly string _file = Path.Combine(folder, "secrets.json");

    /// <summary>A parameter's value that is made once and kept.</summary>
    /// <param name="name">The secret's name.</param>
    /// <param name="length">Its length; letters and digits.</param>
    public ParameterDefault Default(string name, int length) => new Generated(this, name, length);

    private string GetOrAdd(string name, int length)
    {
        lock (_gate)
        {
            var secrets = Read();
            if (secrets.TryGetValue(name, out var known))
                return known;

            var made = RandomNumberGenerator.GetString(Alphabet, length);
            secrets[name] = made;
            PrivateFiles.Write(_file, JsonSerializer.Serialize(secrets, Indented));
            return made;
        }
    }

    private SortedDictionary<string, string> Read()
    {
        if (!File.Exists(_file))
        {
            return Directory.Exists(Path.Combine(folder, "data"))
                ? throw Unusable(null)
                : new(StringComparer.Ordinal);
        }

        try
        {
            return new(JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(_file)) ?? [], StringComparer.Ordinal);
        }
        catch (JsonException exception)
        {
            throw Unusable(exception);
        }
    }

    // New secrets would not open old data: sealed values, hashes of keys and passwords are made with them.
    private DistributedApplicationException Unusable(Exception? inner) => new(
        $"The secrets in {_file}, with which the data beside it were written, are missing or damaged: restore the file, or remove {folder} to begin anew.", inner!);

    private sealed class Generated(GeneratedSecrets secrets, string name, int length) : ParameterDefault
    {
        public override string GetDefaultValue() => secrets.GetOrAdd(name, length);

        public override void WriteToManifest(ManifestPublishingContext context)
        {
            context.Writer.WriteStartObject("generate");
            context.Writer.WriteNumber("minLength", length);
            context.Writer.WriteEndObject();
        }
    }
}
