using System.Runtime.CompilerServices;
using System.Text;

namespace ValidonX.RateLimiting;

/// <summary>
/// The layers that limit one kind of request of one caller: built once when the caller is known, kept with it, and asked by every
/// request without a look-up.
/// </summary>
public sealed class RateLimitLayers
{
    /// <summary>The most layers a request can have.</summary>
    public const int Most = 4;

    private readonly LeasedPartition[] _takeOrder;

    /// <param name="layers">In the order they are refused and listed; an unlimited layer is left out (null).</param>
    /// <exception cref="ArgumentException">More than <see cref="Most"/> layers.</exception>
    public RateLimitLayers(params ReadOnlySpan<LeasedPartition?> layers)
    {
        List<LeasedPartition> limited = [];
        foreach (var layer in layers)
        {
            if (layer is not null) limited.Add(layer);
        }

        if (limited.Count > Most) throw new ArgumentException($"A request has at most {Most} limited layers.", nameof(layers));
        All = [.. limited];
        // A month's units are taken last: what is counted as spent there is never put back.
        _takeOrder = [.. limited.OrderBy(static layer => layer.Policy.Window.IsMonth)];
        Description = Describe(limited);
    }

    public IReadOnlyList<LeasedPartition> All { get; }

    /// <summary>
    /// All policies in one text, in the notation of draft-ietf-httpapi-ratelimit-headers-11: <c>"name";q=quota;w=seconds, …</c>; empty without layers.
    /// </summary>
    public string Description { get; }

    /// <summary>Takes one unit of every layer, or none of any, without asking Redis.</summary>
    /// <param name="now">Local timestamp.</param>
    /// <param name="isLow">Whether a lease should be renewed.</param>
    internal bool TryTake(long now, out bool isLow)
    {
        isLow = false;
        Unsafe.SkipInit(out Taken taken);
        for (var i = 0; i < _takeOrder.Length; i++)
        {
            var layer = _takeOrder[i];
            if (layer.TryTake(now, out var window))
            {
                taken[i] = window;
                isLow |= window.Units < window.RefillBelow && !layer.IsCalling;
                continue;
            }

            while (--i >= 0) taken[i].PutBack();
            return false;
        }

        return true;
    }

    /// <summary>
    /// The layer nearest to its end: the one that allows the fewest further requests now; of equals the one that resets last.
    /// </summary>
    public LeasedPartition? Nearest()
    {
        LeasedPartition? nearest = null;
        long fewest = 0;
        foreach (var layer in _takeOrder)
        {
            var remaining = layer.Window.Remaining;
            if (nearest is null || remaining < fewest || remaining == fewest && layer.Window.End > nearest.Window.End)
                (nearest, fewest) = (layer, remaining);
        }

        return nearest;
    }

    private static string Describe(List<LeasedPartition> layers)
    {
        var text = new StringBuilder();
        foreach (var layer in layers)
        {
            if (text.Length > 0) text.Append(", ");
            text.Append(null, $"\"{layer.Policy.Name}\";q={layer.Policy.Quota};w={layer.Policy.Window.Seconds}");
        }

        return text.ToString();
    }

    [InlineArray(Most)]
    private struct Taken
    {
        private LeasedWindow _first;
    }
}
