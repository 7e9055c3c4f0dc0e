using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Branding;

/// <summary>How a tenant's pages look.</summary>
/// <param name="DisplayName">What they call the tenant.</param>
/// <param name="PrimaryColor">The color of buttons and links.</param>
/// <param name="AccentColor">The color of what stands out.</param>
/// <param name="BackgroundColor">The color behind everything.</param>
/// <param name="CustomCss">More, as it is served: every rule holds only below <c>.vx-branded</c>.</param>
/// <param name="Logo">Its logo.</param>
internal sealed record TenantBranding(
    [property: Example("ACME Software")] string DisplayName,
    [property: Example("#2563eb")] string PrimaryColor,
    [property: Example("#f59e0b")] string AccentColor,
    [property: Example("#ffffff")] string BackgroundColor,
    [property: Example(".vx-branded h1 { color: #123456; }\n")] string? CustomCss,
    ShownLogo? Logo)
{
    public const string NeutralPrimary = "#2563eb";
    public const string NeutralAccent = "#f59e0b";
    public const string NeutralBackground = "#ffffff";
}

/// <summary>A tenant's logo; its bytes are at <c>/v1/tenant/branding/logo</c>.</summary>
/// <param name="MediaType">What kind of image it is.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Pixels.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Its hash, hexadecimal.</param>
internal sealed record ShownLogo([property: Words(LogoImage.Png, LogoImage.Jpeg, LogoImage.WebP)] string MediaType, int Width, int Height, int Bytes, string Sha256);

/// <summary>How a tenant's pages are to look, all of it but the logo.</summary>
internal sealed record BrandingRequest : IRequest, IChecked
{
    /// <summary>What they call the tenant.</summary>
    [Text(120)]
    [Example("ACME Software")]
    public required string DisplayName { get; init; }

    /// <summary>The color of buttons and links.</summary>
    [Color]
    [Example("#2563eb")]
    public string PrimaryColor { get; init; } = TenantBranding.NeutralPrimary;

    /// <summary>The color of what stands out.</summary>
    [Color]
    [Example("#f59e0b")]
    public string AccentColor { get; init; } = TenantBranding.NeutralAccent;

    /// <summary>The color behind everything.</summary>
    [Color]
    [Example("#ffffff")]
    public string BackgroundColor { get; init; } = TenantBranding.NeutralBackground;

    /// <summary>
    /// More, as CSS: rules for elements, classes, ids and states, with properties of color, font, border, margin and padding. What loads, moves, covers or hides something is refused.
    /// </summary>
    [Text(Branding.CustomCss.Maximum, IsMultiline = true)]
    [Example("h1 { color: #123456; }")]
    public string? CustomCss { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (CustomCss is not null && Branding.CustomCss.Clean(CustomCss, out var problems) is null)
        {
            foreach (var problem in problems)
            {
                at.Of("custom_css").Fail(problem);
            }
        }
    }
}

/// <summary>A color as six hexadecimal digits.</summary>
internal sealed class ColorAttribute : TextAttribute
{
    public ColorAttribute()
        : base(7, 7)
    {
        Pattern = "^#[0-9a-fA-F]{6}$";
        PatternMessage = "Must be a color such as #2563eb.";
    }

    /// <inheritdoc/>
    protected override object? Accept(string text, FieldPlace place) => text.ToLowerInvariant();
}
