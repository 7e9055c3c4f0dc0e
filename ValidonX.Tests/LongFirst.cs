using ValidonX.Tests.AppHost;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.EndToEnd.Kills;
using ValidonX.Tests.EndToEnd.Portal;
using ValidonX.Tests.Gateway;
using ValidonX.Tests.Hosting;
using ValidonX.Tests.LicensingApi;
using ValidonX.Tests.Provisioner.Outbox;
using ValidonX.Tests.Provisioner.Webhooks;
using ValidonX.Tests.RateLimiting.Simulation;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(ValidonX.Tests.LongFirst))]

namespace ValidonX.Tests;

/// <summary>
/// Starts the collections that take longest first, so that none of them runs alone at the end: what is in one collection runs one after the other, and
/// the suite ends no sooner than its longest one.
/// </summary>
internal sealed class LongFirst : ITestCollectionOrderer
{
    // By how long they take, but for the stack that most share: it begins to start at once, and no third stack beside it.
    private static readonly string[] Long =
    [
        LicensingCollection.Name, typeof(KillTests).FullName!, CrowdCollection.Name, typeof(VendorStoryTests).FullName!, typeof(AppHostProcessTests).FullName!,
        typeof(PortalPageTests).FullName!, typeof(LimiterSimulationTests).FullName!, typeof(ThreeGatewaysTests).FullName!, GatewayCollection.Name,
        typeof(OutboxTests).FullName!, typeof(WebhookDeliveryTests).FullName!, typeof(ServerDataTests).FullName!,
    ];

    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : notnull, ITestCollection =>
        [.. testCollections.OrderBy(Rank).ThenBy(collection => collection.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Rank<TTestCollection>(TTestCollection collection)
        where TTestCollection : notnull, ITestCollection
    {
        var words = collection.TestCollectionDisplayName.Split(' ');
        var rank = Array.FindIndex(Long, words.Contains);
        return rank < 0 ? Long.Length : rank;
    }
}
