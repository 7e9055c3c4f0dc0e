using System.Net;
using System.Net.Sockets;

namespace ValidonX.Gateway.Resolution;

/// <summary>
/// Addresses that sent more than <paramref name="threshold"/> unknown keys within this second and the last. A table of fixed size: senders
/// that share a slot share the suspicion, which costs them a slower first look-up and nothing else.
/// </summary>
internal sealed class Suspects(int threshold, TimeProvider time)
{
    private const int Slots = 8_192;
    private const int CountBits = 16;
    private const long CountMask = (1L << CountBits) - 1;

    // Each word: the second, the count within it, the count within the one before.
    private readonly long[] _counters = new long[Slots];

    /// <summary>Counts one unknown key.</summary>
    public void Count(IPAddress address)
    {
        ref var counter = ref _counters[SlotOf(address)];
        while (true)
        {
            var seen = Volatile.Read(ref counter);
            var (second, current, previous) = Read(seen);
            var counted = (second << (2 * CountBits)) | (Math.Min(current + 1, CountMask) << CountBits) | previous;
            if (Interlocked.CompareExchange(ref counter, counted, seen) == seen)
            {
                return;
            }
        }
    }

    /// <summary>Whether the address is one of them now.</summary>
    public bool Contains(IPAddress address)
    {
        var (_, current, previous) = Read(Volatile.Read(ref _counters[SlotOf(address)]));
        return current + previous > threshold;
    }

    private (long Second, long Current, long Previous) Read(long word)
    {
        var now = (time.GetTimestamp() / time.TimestampFrequency) & int.MaxValue;
        var current = (word >> CountBits) & CountMask;
        return (now - (word >> (2 * CountBits))) switch
        {
            0 => (now, current, word & CountMask),
            1 => (now, 0, current),
            _ => (now, 0, 0),
        };
    }

    /// <summary>An IPv6 sender owns at least a /64, so only that half tells senders apart.</summary>
    private static int SlotOf(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out var length);
        var hash = default(HashCode);
        hash.AddBytes(bytes[..(address.AddressFamily == AddressFamily.InterNetworkV6 ? 8 : length)]);
        return (int)((uint)hash.ToHashCode() % Slots);
    }
}
