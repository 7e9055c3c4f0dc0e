using System.ComponentModel.DataAnnotations;

namespace ValidonX.LicensingApi.Offline;

/// <summary>Configuration section <c>Offline</c>: verdicts that are verified without asking.</summary>
internal sealed class OfflineOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Offline";

    /// <summary>The claim <c>iss</c> of everything that is signed. Apps may insist on it, so it stays what it once was.</summary>
    [Required]
    public string Issuer { get; set; } = "validonx";

    /// <summary>Hours after which an app should have a newer list of revocations.</summary>
    [Range(1, 720)]
    public int RevocationHours { get; set; } = 24;
}
