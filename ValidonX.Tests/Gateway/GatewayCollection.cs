namespace ValidonX.Tests.Gateway;

/// <summary>Tests that share one platform database and one Redis, and leave both running.</summary>
[CollectionDefinition(Name)]
public sealed class GatewayCollection : ICollectionFixture<GatewayPlatform>
{
    public const string Name = "gateway";
}
