using System.Text;
using System.Text.RegularExpressions;

namespace ValidonX.Provisioner.Webhooks;

/// <summary>The beginning of a receiver's answer as its tenant's users may see it: text, without what looks like a secret.</summary>
internal static partial class ResponseText
{
    /// <summary>Bytes that are read of an answer, and therefore kept.</summary>
    public const int MaximumBytes = 4 * 1024;

    private const string Hidden = "[hidden]";

    /// <summary>Makes it.</summary>
    public static string? Of(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            return null;
        }

        var text = new StringBuilder(Encoding.UTF8.GetString(bytes));
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) && text[i] is not ('\n' or '\r' or '\t'))
            {
                text[i] = '\uFFFD';
            }
        }

        return Secrets().Replace(text.ToString(), Hidden);
    }

    [GeneratedRegex(
        """whsec_[A-Za-z0-9+/=_-]{8,}|vx_[0-9a-f]{64}|\bsk_[A-Za-z0-9_]{8,}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\|[A-Za-z0-9_-]{16,}|(?<=\b[Bb]earer )[A-Za-z0-9._~+/|=-]{8,}""",
        RegexOptions.CultureInvariant,
        matchTimeoutMilliseconds: 200)]
    private static partial Regex Secrets();
}
