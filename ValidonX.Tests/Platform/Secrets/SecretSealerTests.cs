using System.Security.Cryptography;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Secrets;

namespace ValidonX.Tests.Platform.Secrets;

public sealed class SecretSealerTests
{
    private readonly Guid _owner = Guid.CreateVersion7();
    private readonly SecretSealer _sealer = Create('k');

    [Fact]
    public void A_sealed_value_opens_for_its_purpose_and_owner()
    {
        Assert.Equal("wört", _sealer.Open(_sealer.Seal("wört", "purpose", _owner), "purpose", _owner));
        Assert.Equal("", _sealer.Open(_sealer.Seal("", "purpose", _owner), "purpose", _owner));
    }

    [Fact]
    public void It_opens_for_no_other_purpose_owner_or_key()
    {
        var value = _sealer.Seal("secret", "purpose", _owner);

        Assert.ThrowsAny<CryptographicException>(() => _sealer.Open(value, "other", _owner));
        Assert.ThrowsAny<CryptographicException>(() => _sealer.Open(value, "purpose", Guid.CreateVersion7()));
        Assert.ThrowsAny<CryptographicException>(() => Create('x').Open(value, "purpose", _owner));
    }

    [Fact]
    public void It_does_not_open_with_any_bit_changed_or_cut_off()
    {
        var value = _sealer.Seal("secret", "purpose", _owner);

        for (var i = 0; i < value.Length; i++)
        {
            var damaged = value.ToArray();
            damaged[i] ^= 1;
            Assert.ThrowsAny<CryptographicException>(() => _sealer.Open(damaged, "purpose", _owner));
            Assert.ThrowsAny<CryptographicException>(() => _sealer.Open(value[..i], "purpose", _owner));
        }
    }

    [Fact]
    public void The_same_value_never_looks_the_same_twice()
    {
        Assert.NotEqual(_sealer.Seal("secret", "purpose", _owner), _sealer.Seal("secret", "purpose", _owner));
    }

    private static SecretSealer Create(char key) => new(Options.Create(new PlatformSecrets { DataEncryptionKey = new string(key, 32) }));
}
