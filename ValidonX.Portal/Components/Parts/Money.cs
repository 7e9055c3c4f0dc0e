using System.Globalization;

namespace ValidonX.Portal.Components.Parts;

/// <summary>Sums of money as text.</summary>
internal static class Money
{
    /// <summary>A sum.</summary>
    /// <param name="cents">In the smallest unit; null where it is agreed upon.</param>
    /// <param name="currency">Three letters.</param>
    public static string Of(long? cents, string currency) =>
        cents is { } sum ? string.Create(CultureInfo.InvariantCulture, $"{sum / 100m:N2} {currency.ToUpperInvariant()}") : "on request";
}
