namespace ValidonX.Platform.Databases;

/// <summary>
/// The database role of one tenant: <c>vx_r_</c> and the tenant's id in base 32, 31 characters, since MySQL allows 32.
/// Derived from the id, so that it can neither be chosen nor collide.
/// </summary>
public readonly record struct RoleName
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    private RoleName(string value) => Value = value;

    /// <summary>The bare name.</summary>
    public string Value { get; }

    /// <summary>The name as a quoted SQL identifier.</summary>
    internal string Quoted => $"`{Value}`";

    /// <summary>The role of the tenant with this id.</summary>
    public static RoleName Of(Guid tenantId)
    {
        Span<byte> bytes = stackalloc byte[16];
        tenantId.TryWriteBytes(bytes, bigEndian: true, out _);
        var bits = new UInt128(BitConverter.ToUInt64(Reversed(bytes[..8])), BitConverter.ToUInt64(Reversed(bytes[8..])));

        Span<char> name = stackalloc char[31];
        "vx_r_".CopyTo(name);
        for (var i = 30; i >= 5; i--)
        {
            name[i] = Alphabet[(int)(bits & 31)];
            bits >>= 5;
        }

        return new RoleName(new string(name));
    }

    /// <inheritdoc/>
    public override string ToString() => Value;

    private static ReadOnlySpan<byte> Reversed(Span<byte> bytes)
    {
        bytes.Reverse();
        return bytes;
    }
}
