using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace ValidonX.Tests.Telemetry;

/// <summary>
/// Looks through everything that was exported, byte for byte, for what must never be there: every secret that a test has noted, and whatever
/// looks like an API key, a bearer token or an e-mail address.
/// </summary>
internal static partial class SecretScan
{
    private const int LongestShown = 70;

    private static readonly ConcurrentDictionary<string, bool> Secrets = new(StringComparer.Ordinal);

    /// <summary>Notes a key, token or password, and gives it back.</summary>
    public static string Noted(string secret)
    {
        Secrets.TryAdd(secret, true);
        return secret;
    }

    /// <summary>What was found, each with some of the text around it.</summary>
    public static IReadOnlyList<string> Find(IEnumerable<byte[]> messages)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);

        // All at once: a suite notes hundreds of secrets and exports hundreds of megabytes.
        var secrets = SearchValues.Create([.. Secrets.Keys.SelectMany(secret => new[] { secret, Uri.EscapeDataString(secret) }).Distinct(StringComparer.Ordinal)], StringComparison.Ordinal);
        foreach (var message in messages)
        {
            // One character for each byte, so that no encoding hides anything; secrets are ASCII.
            var text = Encoding.Latin1.GetString(message);
            if (text.AsSpan().IndexOfAny(secrets) is var at and >= 0)
            {
                found.Add(Around(text, at, LongestShown));
            }

            foreach (Match match in Suspicious().Matches(text)) found.Add(Around(text, match.Index, match.Length));
        }

        return [.. found];
    }

    /// <summary>Fails when anything is found.</summary>
    public static void AssertNone(IEnumerable<byte[]> messages)
    {
        var found = Find(messages);
        Assert.True(found.Count == 0, $"Telemetry holds secrets, {found.Count} of them:\n{string.Join('\n', found.Take(20))}");
    }

    private static string Around(string text, int at, int length)
    {
        var start = Math.Max(0, at - 60);
        var part = text.AsSpan(start, Math.Min(text.Length, at + length + 20) - start);
        return string.Concat(part.ToString().Select(c => c is >= ' ' and <= '~' ? c : '.'));
    }

    [GeneratedRegex("""vx_[0-9a-f]{64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\|[A-Za-z0-9_-]{8,}|[A-Za-z0-9._-]+@[a-z0-9-]+\.[a-z]{2,}""")]
    private static partial Regex Suspicious();
}
