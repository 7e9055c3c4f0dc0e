using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ValidonX.Platform.Keys;

/// <summary>The stored hash of an API key as a value: what keys are looked up by, in memory and in the platform database.</summary>
public readonly struct ApiKeyHash : IEquatable<ApiKeyHash>, ISpanParsable<ApiKeyHash>
{
    private readonly Bytes _bytes;

    /// <summary>Takes the 32 bytes of a hash.</summary>
    /// <exception cref="ArgumentException">There are more or fewer.</exception>
    public ApiKeyHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != ApiKeyHasher.Size)
        {
            throw new ArgumentException("A key's hash has 32 bytes.", nameof(bytes));
        }

        bytes.CopyTo(_bytes);
    }

    /// <summary>A copy of the bytes, for a database parameter.</summary>
    public byte[] ToArray() => ((ReadOnlySpan<byte>)_bytes).ToArray();

    /// <summary>64 lower-case hex digits.</summary>
    public override string ToString() => Convert.ToHexStringLower(_bytes);

    /// <summary>Whether both are the same hash.</summary>
    public static bool operator ==(ApiKeyHash left, ApiKeyHash right) => left.Equals(right);

    /// <summary>Whether they are different hashes.</summary>
    public static bool operator !=(ApiKeyHash left, ApiKeyHash right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(ApiKeyHash other) => ((ReadOnlySpan<byte>)_bytes).SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is ApiKeyHash other && Equals(other);

    /// <summary>Part of the hash itself: under a secret key it is as good as random, and nobody can choose it.</summary>
    public override int GetHashCode() => MemoryMarshal.Read<int>(_bytes);

    /// <inheritdoc/>
    public static ApiKeyHash Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var hash) ? hash : throw new FormatException("A key's hash is written as 64 hex digits.");

    /// <inheritdoc/>
    public static ApiKeyHash Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ApiKeyHash result)
    {
        Span<byte> bytes = stackalloc byte[ApiKeyHasher.Size];
        var parsed = s.Length == 2 * ApiKeyHasher.Size
            && Convert.FromHexString(s, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
        result = parsed ? new ApiKeyHash(bytes) : default;
        return parsed;
    }

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ApiKeyHash result) =>
        TryParse(s.AsSpan(), provider, out result);

    [InlineArray(ApiKeyHasher.Size)]
    private struct Bytes
    {
        private byte _first;
    }
}
