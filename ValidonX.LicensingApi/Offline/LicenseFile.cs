using System.Text;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Endpoints;

namespace ValidonX.LicensingApi.Offline;

/// <summary>The file for a machine that can ask nobody.</summary>
internal sealed record NewLicenseFile : IRequest
{
    /// <summary>Most days that a file can be good.</summary>
    public const int MaximumDays = 1_830;

    /// <summary>The activated instance that it is for, and for no other; absent: for whoever has it.</summary>
    [Text(255)]
    [Example("workstation-7")]
    public string? InstanceId { get; init; }

    /// <summary>For how many days it is good; never longer than the license.</summary>
    [Whole(1, MaximumDays)]
    [Example("30")]
    public int Days { get; init; } = 30;

    /// <summary>Whether only who has the license key can read it.</summary>
    public bool Encrypt { get; init; }
}

/// <summary>A license file that was just made: it is shown this once.</summary>
/// <param name="Id">Its id, the claim <c>jti</c> in it, by which it can be revoked.</param>
/// <param name="File">What to save and to give to the app: a text.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
internal sealed record CreatedLicenseFile(
    Guid Id,
    [property: Example("-----BEGIN VALIDONX LICENSE-----\nZXlKaGJHY2lPaUpGVXpJMU5pSXNJbXRwWkNJNklqQXhPVGRoTldRd0xUQXdNREF0TnpBd01DMDRN\n-----END VALIDONX LICENSE-----\n")]
    string File,
    DateTimeOffset ExpiresAt)
{
    private const string Begin = "-----BEGIN VALIDONX LICENSE-----";
    private const string End = "-----END VALIDONX LICENSE-----";
    private const int LineLength = 64;

    /// <summary>The text of a file with this content.</summary>
    public static string TextOf(string content)
    {
        var text = new StringBuilder(Begin).Append('\n');
        foreach (var line in Convert.ToBase64String(Encoding.ASCII.GetBytes(content)).Chunk(LineLength))
        {
            text.Append(line).Append('\n');
        }

        return text.Append(End).Append('\n').ToString();
    }
}

/// <summary>A license file that was given out.</summary>
/// <param name="Id">Its id.</param>
/// <param name="LicenseId">The license's id.</param>
/// <param name="InstanceId">The instance that it is for; null: for whoever has it.</param>
/// <param name="Encrypted">Whether only who has the license key can read it.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="RevokedAt">When it was taken back.</param>
internal sealed record ShownLicenseFile(
    Guid Id,
    Guid LicenseId,
    [property: Example("workstation-7")] string? InstanceId,
    bool Encrypted,
    DateTimeOffset ExpiresAt,
    DateTimeOffset CreatedAt,
    DateTimeOffset? RevokedAt);

/// <summary>The answer that holds one license file.</summary>
internal sealed record LicenseFileAnswer(ShownLicenseFile LicenseFile);
