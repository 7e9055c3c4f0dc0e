using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Secrets;

namespace ValidonX.Tests.Platform.Callers;

/// <summary>The guarantee: nobody but the gateway can say who calls, and what it said does not stay true.</summary>
public sealed class CallerContextSignerTests
{
    private readonly Clock _clock = new();
    private readonly CallerContextSigner _signer;

    public CallerContextSignerTests() => _signer = Create('k');

    [Fact]
    public void A_signed_context_is_read_back_whole()
    {
        var context = Context();

        Assert.Equal(context, _signer.Verify(_signer.Sign(context)));
    }

    [Fact]
    public void A_context_of_another_key_is_refused()
    {
        Assert.Null(_signer.Verify(Create('x').Sign(Context())));
    }

    [Fact]
    public void An_expired_context_is_refused()
    {
        var header = _signer.Sign(Context());

        _clock.Now += TimeSpan.FromSeconds(59);
        Assert.NotNull(_signer.Verify(header));
        _clock.Now += TimeSpan.FromSeconds(1);
        Assert.Null(_signer.Verify(header));
    }

    [Fact]
    public void A_context_with_any_character_changed_or_cut_off_is_refused()
    {
        var header = _signer.Sign(Context());

        for (var i = 0; i < header.Length; i++)
        {
            var replacement = header[i] == 'A' ? 'B' : 'A';
            var changed = header[..i] + replacement + header[(i + 1)..];

            // The last digit of a Base64 text has bits that mean nothing; the MAC is the same, so it is no forgery.
            if (i < header.Length - 1) Assert.Null(_signer.Verify(changed));
            Assert.Null(_signer.Verify(header[..i]));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("e30.")]
    [InlineData("{}.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("ä.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("e30.äAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!")]
    [InlineData("e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("e30.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB")]
    [InlineData("e30.AAAA AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_is_no_context_at_all_is_refused_without_an_error(string? header)
    {
        Assert.Null(_signer.Verify(header));
    }

    [Fact]
    public void An_absurdly_long_header_is_refused()
    {
        Assert.Null(_signer.Verify(new string('A', 100_000) + "." + new string('A', 43)));
    }

    [Fact]
    public void The_shared_key_itself_signs_nothing()
    {
        // Keys are derived for their purpose, so that a value signed for another one with the same secret is none of ours.
        var payload = Base64Url.EncodeToString("""{"k":1,"e":99999999999}"""u8);
        var mac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(new string('k', 32)), Encoding.ASCII.GetBytes(payload));

        Assert.Null(_signer.Verify($"{payload}.{Base64Url.EncodeToString(mac)}"));
    }

    private CallerContext Context() => new()
    {
        Kind = CallerKind.ApiKey,
        CallerId = Guid.CreateVersion7(),
        TenantId = Guid.CreateVersion7(),
        TenantSlug = "north-wind",
        TenantPlan = "pro",
        ServerName = "one",
        DatabaseName = "vx_tenant_north_wind_1234",
        ExpiresAt = _clock.Now.AddSeconds(60).ToUnixTimeSeconds(),
    };

    private CallerContextSigner Create(char key) =>
        new(Options.Create(new PlatformSecrets { ContextSigningKey = new string(key, 32) }), _clock);

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 4, 3, 10, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
