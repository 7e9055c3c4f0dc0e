namespace ValidonX.Tests.LicensingApi;

/// <summary>Warm validation needs neither the database nor Redis: with both stopped in their tracks it answers all the same.</summary>
public sealed class HotPathTests : IAsyncLifetime
{
    private readonly LicensingPlatform _platform = new();

    public ValueTask InitializeAsync() => _platform.InitializeAsync();

    public ValueTask DisposeAsync() => _platform.DisposeAsync();

    [Fact]
    public async Task Warm_validation_asks_nobody()
    {
        var tenant = await _platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("a", true));
        var activation = (string)(await tenant.App.ActivateAsync(key, "device")).ShouldBe(201).Data["activation"]!["id"]!;
        await AskAsync(1);

        await _platform.Databases.Server.FreezeAsync();
        await _platform.Redis.FreezeAsync();
        try
        {
            await AskAsync(50);
        }
        finally
        {
            await _platform.Redis.ThawAsync();
            await _platform.Databases.Server.ThawAsync();
        }

        async Task AskAsync(int times)
        {
            for (var i = 0; i < times; i++)
            {
                (await tenant.App.ValidateAsync(key)).ShouldBe(200);
                (await tenant.App.ValidateAsync("UNKNOWN")).ShouldBe(404);
                (await tenant.App.PostAsync($"/v1/integration/activations/{activation}/validate")).ShouldBe(200);
                (await tenant.App.ResolveAsync(key, "a")).ShouldBe(200);
                (await tenant.App.CheckAsync(key, "a")).ShouldBe(200);
            }
        }
    }
}
