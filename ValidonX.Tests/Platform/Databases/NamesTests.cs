using ValidonX.Platform.Databases;
using ValidonX.Platform.Tenants;

namespace ValidonX.Tests.Platform.Databases;

public sealed class NamesTests
{
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("vx_tenant_")]
    [InlineData("mysql")]
    [InlineData("vx_tenant_a`; DROP DATABASE mysql; --")]
    [InlineData("vx_tenant_UPPER_1234")]
    [InlineData("vx_tenant_a-b_1234")]
    [InlineData("vx_tenant_ä_1234")]
    [InlineData("vx_tenant_a.b_1234")]
    [InlineData("vx_tenant_a_1234\n")]
    [InlineData("vx_tenant_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_1234")]
    public void Only_a_tenant_databases_name_is_one(string? value)
    {
        Assert.False(DatabaseName.TryParse(value, out _));
    }

    [Fact]
    public void A_new_name_comes_from_the_slug_fits_the_servers_and_is_never_the_same_twice()
    {
        Assert.True(TenantSlug.TryParse(new string('a', TenantSlug.MaximumLength), out var longest));

        var names = Enumerable.Range(0, 50).Select(_ => DatabaseName.Create(longest).Value).ToList();

        Assert.All(names, name => Assert.True(DatabaseName.TryParse(name, out var same) && same.Value == name));
        Assert.True(names.Distinct().Count() > 45);
        Assert.True(TenantSlug.TryParse("north-wind", out var slug));
        Assert.Matches("^vx_tenant_north_wind_[a-z0-9]{4}$", DatabaseName.Create(slug).Value);
    }

    [Fact]
    public void A_role_is_as_unique_as_the_tenants_id_and_fits_MySQL()
    {
        var ids = Enumerable.Range(0, 500).Select(_ => Guid.CreateVersion7()).Append(Guid.AllBitsSet).Append(Guid.Empty).ToList();

        var roles = ids.ConvertAll(id => RoleName.Of(id).Value);

        Assert.Equal(ids.Count, roles.Distinct().Count());
        Assert.All(roles, role => Assert.Matches("^vx_r_[0-9a-z]{26}$", role));
        Assert.Equal(roles, ids.ConvertAll(id => RoleName.Of(id).Value));
    }
}
