namespace ValidonX.Platform.Billing;

/// <summary>
/// What the rest of a period is worth: price × time left ÷ length, in whole cents, a half rounded up. Whoever leaves a plan gets this for it, whoever takes a
/// plan pays this for it, and both are this one number. So changing forth and back within one instant costs nothing, and all that is paid and given back in
/// a period for one plan adds up to exactly what its used parts are worth, however often it was left and taken again.
/// </summary>
public static class Proration
{
    /// <summary>The worth.</summary>
    /// <param name="priceCents">The price of the whole period.</param>
    /// <param name="start">When the period begins.</param>
    /// <param name="end">When it ends.</param>
    /// <param name="at">From when on; before the period it is the whole price, after it nothing.</param>
    public static long Rest(long priceCents, DateTimeOffset start, DateTimeOffset end, DateTimeOffset at)
    {
        var length = (Int128)(end - start).Ticks;
        var left = Int128.Clamp((end - at).Ticks, 0, Int128.Max(length, 0));
        return length <= 0 ? 0 : (long)(((2 * priceCents * left) + length) / (2 * length));
    }
}
