using System.Text.Json;
using ValidonX.LicensingApi.Policies;

namespace ValidonX.LicensingApi.Activations;

/// <summary>
/// The components of a machine by their names, each as a hash that only this platform can make and that is another one for each license, so that nobody learns a serial
/// number from it, or that two licenses are used on one machine.
/// </summary>
internal sealed record Fingerprints
{
    private readonly SortedDictionary<string, string> _hashes;

    public Fingerprints(IEnumerable<KeyValuePair<string, string>> hashes)
    {
        _hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, hash) in hashes)
        {
            _hashes[name] = hash;
        }
    }

    /// <summary>A machine that is known by none.</summary>
    public static Fingerprints None { get; } = new([]);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _hashes.Count == 0;

    /// <summary>What they are called; <see langword="null"/> when there is none.</summary>
    public IReadOnlyList<string>? Names => IsEmpty ? null : [.. _hashes.Keys];

    /// <summary>How many of these another machine has, too.</summary>
    public int SharedWith(Fingerprints other) => _hashes.Count(one => other._hashes.TryGetValue(one.Key, out var hash) && hash == one.Value);

    /// <summary>Whether a machine with the others is the one with these, by a rule of <see cref="Policy.FingerprintMatch"/>. One that is known by none can be any.</summary>
    public bool Match(Fingerprints other, string? rule)
    {
        var shared = SharedWith(other);
        return IsEmpty || rule switch
        {
            Policy.MatchAny => shared > 0,
            Policy.MatchAll => shared == _hashes.Count,
            _ => 2 * shared > _hashes.Count,
        };
    }

    /// <summary>These, with what the same machine has now.</summary>
    public Fingerprints With(Fingerprints now) => new(_hashes.Concat(now._hashes));

    /// <summary>As they are stored; <see langword="null"/> when there is none.</summary>
    public string? ToText() => IsEmpty ? null : JsonSerializer.Serialize(_hashes, LicensingJson.Default.SortedDictionaryStringString);

    /// <summary>Reads what is stored.</summary>
    public static Fingerprints Parse(string? text) => text is null ? None : new(JsonSerializer.Deserialize(text, LicensingJson.Default.SortedDictionaryStringString)!);

    public bool Equals(Fingerprints? other) => other is not null && _hashes.SequenceEqual(other._hashes);

    public override int GetHashCode() => _hashes.Count;
}
