using ValidonX.Platform.Accounts;

namespace ValidonX.Tests.Platform.Accounts;

/// <summary>Which passwords are taken.</summary>
public sealed class PasswordsTests
{
    [Theory]
    [InlineData("short")]
    [InlineData("elevenchars")]
    [InlineData("qwerty123456")]
    [InlineData("QWERTY123456")]
    [InlineData("password1234")]
    [InlineData("Password2026!")]
    [InlineData("!!!dragon!!!99")]
    [InlineData("passwordpassword")]
    [InlineData("letmeinletmein")]
    [InlineData("Monkeymonkey12")]
    [InlineData("aaaaaaaaaaaa")]
    [InlineData("abababababab")]
    [InlineData("123456789012")]
    [InlineData("849302857164")]
    public void What_is_guessed_first_is_refused(string password) => Assert.NotNull(Passwords.ProblemOf(password));

    [Theory]
    [InlineData("correct horse battery staple")]
    [InlineData("a first password")]
    [InlineData("twelve chars")]
    [InlineData("ein schöner Tag am Meer")]
    [InlineData("K9#vQ2!mX7$z")]
    public void What_is_not_is_taken(string password) => Assert.Null(Passwords.ProblemOf(password));

    [Theory]
    [InlineData("grace.hopper@example.com", "i am Grace.Hopper", true)]
    [InlineData("grace.hopper@example.com", "i am grace hopper", false)]
    [InlineData("al@example.com", "alphabetical order", false)]
    public void The_part_of_the_address_before_the_at_is_in_no_password(string email, string password, bool isRefused)
    {
        Assert.True(EmailAddress.TryParse(email, out var address));

        Assert.Equal(isRefused, Passwords.ProblemOf(password, address) is not null);
    }

    [Fact]
    public void A_mailed_token_needs_no_encoding_and_is_known_by_its_secret_only()
    {
        var token = MailedToken.Create();
        var text = token.Reveal();

        Assert.Matches("^[A-Za-z0-9_-]{64}$", text);
        Assert.True(MailedToken.TryParse(text, out var read));
        Assert.Equal(token.Id, read.Id);
        Assert.True(read.Matches(token.Hash()));
        var forged = text[..^1] + (text[^1] == 'A' ? 'B' : 'A');
        Assert.True(MailedToken.TryParse(forged, out var other));
        Assert.False(other.Matches(token.Hash()));
        Assert.DoesNotContain(text[24..], token.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA é")]
    [InlineData(" AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void What_cannot_be_one_is_none(string text) => Assert.False(MailedToken.TryParse(text, out _));
}
