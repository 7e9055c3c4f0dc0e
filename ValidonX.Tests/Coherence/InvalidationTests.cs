using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>The names under which changes travel.</summary>
public sealed class InvalidationTests
{
    private static readonly Guid Tenant = Guid.CreateVersion7();

    public static TheoryData<string> Names =>
        ["*", $"tenant:{Tenant}", $"tenant:{Tenant}:license:VX-1:2", "platform:api-key:00ff"];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_name_reads_back_as_it_was_written(string name)
    {
        Assert.True(Invalidation.TryParse(name, out var invalidation));
        Assert.Equal(name, invalidation.Name);
    }

    [Fact]
    public void An_entry_knows_its_tenant_type_and_id()
    {
        Assert.True(Invalidation.TryParse(Invalidation.OfTenantEntry(Tenant, "license", "VX:1").Name, out var entry));
        Assert.Equal((InvalidationScope.Entry, Tenant, "license", "VX:1"), (entry.Scope, entry.TenantId, entry.Type, entry.Id));
    }

    [Theory]
    [InlineData("")]
    [InlineData("tenant:")]
    [InlineData("tenant:1")]
    [InlineData("tenant:00000000-0000-0000-0000-000000000000x")]
    [InlineData("tenant:00000000-0000-0000-0000-000000000000:license")]
    [InlineData("tenant:00000000-0000-0000-0000-000000000000:license:")]
    [InlineData("platform::x")]
    [InlineData("plan:x:y")]
    public void What_is_not_a_name_is_refused(string name) => Assert.False(Invalidation.TryParse(name, out _));

    [Fact]
    public void A_name_that_would_mean_something_else_cannot_be_made()
    {
        Assert.Throws<ArgumentException>(() => Invalidation.OfTenantEntry(Guid.Empty, "license", "x"));
        Assert.Throws<ArgumentException>(() => Invalidation.OfTenant(Guid.Empty));
        Assert.Throws<ArgumentException>(() => Invalidation.OfPlatformEntry("api:key", "x"));
        Assert.Throws<ArgumentException>(() => Invalidation.OfPlatformEntry("api-key", "x\n*"));
        Assert.Throws<ArgumentException>(() => Invalidation.OfPlatformEntry("api-key", ""));
    }
}
