using System.Text;
using System.Text.Json.Nodes;

namespace ValidonX.Tests.LicensingApi.Offline;

/// <summary>What an app is worth to its user that cannot, or does not want to, ask.</summary>
internal enum OfflineVerdict
{
    /// <summary>It runs.</summary>
    Good,

    /// <summary>It runs and says that it would like to be online.</summary>
    GoodInGrace,

    /// <summary>It runs no further and says that it has to be online once: nobody has taken anything back.</summary>
    Ended,

    /// <summary>Its vendor has taken it back.</summary>
    Revoked,

    /// <summary>It is not from this vendor, or not for this app or machine.</summary>
    Foreign,
}

/// <summary>
/// An app that follows docs/offline.md, step by step. It knows the tenant, its own machine, a key set and perhaps a list of revocations; it never asks.
/// </summary>
internal sealed class OfflineApp(Guid tenant, string keys, string? instanceId = null)
{
    /// <summary>The list that it has last seen.</summary>
    public string? Revocations { get; set; }

    /// <summary>What a lease, or the content of a license file, is worth at a moment.</summary>
    public OfflineVerdict Judge(string jws, DateTimeOffset now, string type = "vx-lease+jwt", string? nonce = null)
    {
        if (Verified(jws, type) is not { } claims
            || (string?)claims["aud"] != tenant.ToString()
            || (claims["instance_id"] is { } bound && (string?)bound != instanceId)
            || (nonce is not null && (string?)claims["nonce"] != nonce))
        {
            return OfflineVerdict.Foreign;
        }

        if (Revocations is not null && IsRevoked(claims, Revocations))
        {
            return OfflineVerdict.Revoked;
        }

        var seconds = now.ToUnixTimeSeconds();
        return seconds < (long)claims["exp"]! ? OfflineVerdict.Good
            : seconds < (long)claims["grace_until"]! ? OfflineVerdict.GoodInGrace
            : OfflineVerdict.Ended;
    }

    /// <summary>Whether the list it has is too old to say that something is not revoked.</summary>
    public bool WantsNewRevocations(DateTimeOffset now) =>
        Revocations is null || Verified(Revocations, "vx-revocations+jwt") is not { } list || now.ToUnixTimeSeconds() >= (long)list["next_update"]!;

    /// <summary>The content of a license file: a JWS, or a JWE.</summary>
    public static string ContentOf(string file)
    {
        var lines = file.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(("-----BEGIN VALIDONX LICENSE-----", "-----END VALIDONX LICENSE-----"), (lines[0], lines[^1]));
        return Encoding.ASCII.GetString(Convert.FromBase64String(string.Concat(lines[1..^1])));
    }

    private bool IsRevoked(JsonObject claims, string revocations)
    {
        // One that cannot be verified says nothing.
        if (Verified(revocations, "vx-revocations+jwt") is not { } list || (string?)list["aud"] != tenant.ToString())
        {
            return false;
        }

        return list["revoked"]!.AsArray().Any(one => Same(one!, "sub") || Same(one!, "jti"))
            || list["revoked_instances"]!.AsArray().Any(one => Same(one!, "sub") && Same(one!, "instance_id") && (long)one!["at"]! >= (long)claims["iat"]!);

        bool Same(JsonNode one, string name) => one[name] is { } value && (string?)value == (string?)claims[name];
    }

    private JsonObject? Verified(string jws, string type) => Jose.Verify(jws, keys, type);
}
