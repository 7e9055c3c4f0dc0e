using FsCheck;
using FsCheck.Fluent;
using ValidonX.Platform.Accounts;

namespace ValidonX.Tests.Platform.Accounts;

/// <summary>CONTRACT §9: an address has one canonical form.</summary>
public sealed class EmailAddressTests
{
    [Theory]
    [InlineData("jose@acme.test", "jose@acme.test")]
    [InlineData("  Jose.Maria+Tag@ACME.Test\t", "jose.maria+tag@acme.test")]
    [InlineData("!#$%&'*+-/=?^_`{|}~@a.b", "!#$%&'*+-/=?^_`{|}~@a.b")]
    [InlineData("admin@localhost", "admin@localhost")]
    [InlineData("a@BÜCHER.example", "a@xn--bcher-kva.example")]
    [InlineData("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example")]
    [InlineData("a@Пример.рф", "a@xn--e1afmkfd.xn--p1ai")]
    [InlineData("a@日本語.jp", "a@xn--wgv71a119e.jp")]
    [InlineData("a@faß.de", "a@xn--fa-hia.de")]
    public void Every_spelling_of_an_address_has_one_form(string text, string canonical)
    {
        Assert.True(EmailAddress.TryParse(text, out var address));
        Assert.Equal(canonical, address.Value);
        Assert.True(EmailAddress.TryParse(address.Value, out var again));
        Assert.Equal(address, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("a@")]
    [InlineData("@a.b")]
    [InlineData("a.b")]
    [InlineData("a@b@c.d")]
    [InlineData("a..b@c.d")]
    [InlineData(".a@c.d")]
    [InlineData("a.@c.d")]
    [InlineData("a b@c.d")]
    [InlineData("\"a\"@c.d")]
    [InlineData("a@[127.0.0.1]")]
    [InlineData("a@c..d")]
    [InlineData("a@c.d.")]
    [InlineData("a@-c.d")]
    [InlineData("a@c-.d")]
    [InlineData("a@c_c.d")]
    [InlineData("a@c.d>")]
    [InlineData("a\u0000@c.d")]
    [InlineData("ádmin@validonx.local")]
    [InlineData("admİn@validonx.local")]
    [InlineData("\u212Aarl@acme.test")]
    [InlineData("josé@acme.test")]
    [InlineData("a@acme\u3002test")]
    [InlineData("a@\uFF41cme.test")]
    [InlineData("a@\u212Acme.test")]
    [InlineData("a@bu\u0308cher.example")]
    [InlineData("a@ac\u00ADme.test")]
    [InlineData("a@ac\u200Bme.test")]
    [InlineData("a@xn--acme-.test")]
    [InlineData("a@xn--zzzzzzzzzzzzzzzzzzzzz.test")]
    public void What_is_no_address_or_might_be_a_second_form_of_one_is_refused(string? text) => Assert.False(EmailAddress.TryParse(text, out _));

    [Fact]
    public void Its_parts_and_its_whole_have_the_lengths_of_RFC_5321()
    {
        var label = new string('d', 63);
        Assert.True(EmailAddress.TryParse($"{new string('l', 64)}@d.example", out _));
        Assert.False(EmailAddress.TryParse($"{new string('l', 65)}@d.example", out _));
        Assert.True(EmailAddress.TryParse($"l@{label}.example", out _));
        Assert.False(EmailAddress.TryParse($"l@{label}d.example", out _));
        Assert.True(EmailAddress.TryParse($"{new string('l', 62)}@{label}.{label}.{label}", out var longest));
        Assert.Equal(254, longest.Value.Length);
        Assert.False(EmailAddress.TryParse($"{new string('l', 63)}@{label}.{label}.{label}", out _));
        Assert.False(EmailAddress.TryParse(new string(' ', 10_000) + "a@b.c", out _));
    }

    [Fact]
    public void Whatever_is_accepted_is_ASCII_in_lower_case_and_its_own_form()
    {
        var parts = Gen.Elements("a", "B", "é", "É", "İ", "ß", "ı", "K", "ſ", ".", "@", "-", "_", "+", " ", "xn--", "bcher-kva", "ü", "u\u0308", "\uFF41", "日", "\uD800", "1", "\0");
        var texts = Gen.Select(Gen.ListOf(parts), list => string.Concat(list)).Or(ArbMap.Default.GeneratorFor<string>());
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5_000), Prop.ForAll(texts.ToArbitrary(), text =>
        {
            if (!EmailAddress.TryParse(text, out var address)) return true;
            var value = address.Value;
            return value.Length <= EmailAddress.MaximumLength
                && value.All(c => c is > ' ' and <= '~' && !char.IsAsciiLetterUpper(c))
                && value.Count(c => c == '@') == 1
                && EmailAddress.TryParse(value, out var again) && again == address
                && EmailAddress.TryParse($" {value.ToUpperInvariant()} ", out var shouted) && shouted == address;
        }));
    }

    [Fact]
    public void Two_local_parts_are_one_account_only_when_they_differ_in_the_case_of_ASCII_letters()
    {
        var atoms = Gen.Select(Gen.ListOf(Gen.Elements("abcXYZ019!#$%&'*+-/=?^_`{|}~".ToCharArray())), list => string.Concat(list));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(atoms.Two().ToArbitrary(), pair =>
            !EmailAddress.TryParse($"{pair.Item1}@acme.test", out var one) || !EmailAddress.TryParse($"{pair.Item2}@acme.test", out var two)
            || one == two == pair.Item1.Equals(pair.Item2, StringComparison.OrdinalIgnoreCase)));
    }
}
