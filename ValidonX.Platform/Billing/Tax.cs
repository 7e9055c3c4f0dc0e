namespace ValidonX.Platform.Billing;

/// <summary>Taxes on amounts in cents.</summary>
public static class Tax
{
    /// <summary>The tax on an amount, once for an invoice and rate, a half of a cent rounded up.</summary>
    /// <param name="cents">The amount before tax, not negative.</param>
    /// <param name="basisPoints">The rate in hundredths of a percent.</param>
    public static long Of(long cents, int basisPoints) => (long)((((Int128)cents * basisPoints) + 5_000) / 10_000);
}
