using ValidonX.Platform.Tenants;

namespace ValidonX.Tests.Platform.Tenants;

public sealed class TenantSlugTests
{
    [Theory]
    [InlineData("abc")]
    [InlineData("a-1")]
    [InlineData("north-wind-2")]
    [InlineData("0123456789012345678901234567890123456789")]
    public void These_are_slugs(string value)
    {
        Assert.True(TenantSlug.TryParse(value, out var slug));
        Assert.Equal(value, slug.Value);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("-abc")]
    [InlineData("abc-")]
    [InlineData("Abc")]
    [InlineData("a_b")]
    [InlineData("a b")]
    [InlineData("äbc")]
    [InlineData("abc\n")]
    [InlineData("01234567890123456789012345678901234567890")]
    public void These_are_none(string? value)
    {
        Assert.False(TenantSlug.TryParse(value, out _));
        if (value is not null) Assert.Throws<FormatException>(() => TenantSlug.Parse(value));
    }

    [Theory]
    [InlineData("Northwind CAD", "northwind-cad")]
    [InlineData("  Tide & Water,  Inc. ", "tide-water-inc")]
    [InlineData("Crème Brûlée", "creme-brulee")]
    [InlineData("Škoda Łódź Ísland Größe", "skoda-lodz-island-grose")]
    [InlineData("Cafe\u0301 × Bar", "cafe-bar")]
    [InlineData("A very long name of a company that goes on and on", "a-very-long-name-of-a-company-that-goes")]
    public void A_name_becomes_a_slug(string name, string slug)
    {
        Assert.Equal(slug, TenantSlug.FromName(name).Value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("株式会社")]
    [InlineData("!!")]
    [InlineData("A")]
    public void A_name_that_gives_none_gets_a_random_one(string name)
    {
        var slug = TenantSlug.FromName(name);

        Assert.Matches("^tenant-[a-z0-9]{8}$", slug.Value);
        Assert.NotEqual(slug, TenantSlug.FromName(name));
    }
}
