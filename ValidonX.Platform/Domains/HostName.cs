using System.Diagnostics.CodeAnalysis;
using ValidonX.Platform.Accounts;

namespace ValidonX.Platform.Domains;

/// <summary>
/// A name of the DNS under which a tenant's pages can be, in its one canonical form: lower-case A-labels, at least two of them, no IP address, no port, no dot at the end.
/// Two spellings are one host exactly when their values are equal.
/// </summary>
public readonly record struct HostName
{
    /// <summary>Most characters. The DNS takes 253, and the name of the record that proves the host (<see cref="Record"/>) has to be one as well.</summary>
    public const int MaximumLength = 253 - 10;

    private const string RecordPrefix = "_validonx.";

    private HostName(string value) => Value = value;

    /// <summary>The canonical form.</summary>
    public string Value { get; }

    /// <summary>The name of the TXT record by which its owner proves to be that.</summary>
    public string Record => RecordPrefix + Value;

    /// <summary>Accepts a host in any of its spellings, with a dot at its end or without.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out HostName host)
    {
        host = default;
        if (text is null || text.Length > 4 * MaximumLength)
        {
            return false;
        }

        var trimmed = text.AsSpan().Trim();
        if (trimmed.EndsWith('.'))
        {
            trimmed = trimmed[..^1];
        }

        // A last label of digits alone is an IPv4 address to whoever reads it next (WHATWG URL §3.5), whatever stands before it.
        if (!DomainLabels.TryCanonicalize(trimmed, out var name) || name.Length > MaximumLength || name.LastIndexOf('.') is not (> 0 and var dot) || name.AsSpan(dot + 1).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            return false;
        }

        host = new HostName(name);
        return true;
    }

    /// <summary>Whether it is this domain or lies below it.</summary>
    public bool IsWithin(string domain) => Value == domain || Value.EndsWith("." + domain, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
