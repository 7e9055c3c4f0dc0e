namespace ValidonX.Tests.LicensingApi.Billing;

/// <summary>Two licensing APIs on one platform, whose calendar stands at a moment and is moved by the tests.</summary>
public sealed class BillingApi : IAsyncLifetime
{
    private readonly List<LicensingApiUnderTest> _replicas = [];

    internal static readonly DateTimeOffset Start = new(2027, 1, 31, 10, 0, 0, TimeSpan.Zero);

    internal LicensingPlatform Platform { get; } = new();

    internal MovableClock Clock { get; } = new(Start);

    internal IReadOnlyList<HttpClient> Apis => [.. _replicas.Select(replica => replica.Client)];

    internal ApiCaller Operator => BilledTenant.Operator(Platform, Apis[0], Clock);

    public async ValueTask InitializeAsync()
    {
        await Platform.InitializeAsync();
        _replicas.Add(await Platform.StartReplicaAsync(Clock));
        _replicas.Add(await Platform.StartReplicaAsync(Clock));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in _replicas)
        {
            await replica.DisposeAsync();
        }

        await Platform.DisposeAsync();
    }

    internal Task<BilledTenant> CreateTenantAsync(string plan = "pro", long? price = 4900, bool isInvoiced = true, string status = "active") =>
        BilledTenant.CreateAsync(Platform, Apis, Clock, plan, price, isInvoiced, status);
}
