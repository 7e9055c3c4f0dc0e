using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Offline;

/// <summary>A tenant whose apps are offline now and then.</summary>
internal static class OfflineTenant
{
    /// <summary>Asks for a signed verdict.</summary>
    public static Task<Answer> LeaseAsync(this ApiCaller app, string licenseKey, string? instanceId = null, string? nonce = null) =>
        app.PostAsync($"/v1/integration/licenses/{licenseKey}/validate", new { lease = true, instance_id = instanceId, nonce });

    /// <summary>A signed verdict.</summary>
    public static async Task<string> LeasedAsync(this ApiCaller app, string licenseKey, string? instanceId = null, string? nonce = null) =>
        (string)(await app.LeaseAsync(licenseKey, instanceId, nonce)).ShouldBe(200).Data["lease"]!;

    /// <summary>The key set that the tenant publishes, as anyone gets it at a replica.</summary>
    public static Task<string> KeysAsync(this LicensingPlatform platform, string tenant, int replica = 0) => ReadAsync(platform, $"/.well-known/jwks.json?tenant={tenant}", replica);

    /// <summary>The list of revocations, as anyone gets it at a replica.</summary>
    public static Task<string> RevocationsAsync(this LicensingPlatform platform, LicensedTenant tenant, int replica = 0) =>
        ReadAsync(platform, $"/.well-known/revocations?tenant={tenant.Id}", replica);

    private static async Task<string> ReadAsync(LicensingPlatform platform, string path, int replica)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(
            "X-ValidonX-Internal-Context",
            platform.Sign(new ValidonX.Platform.Callers.CallerContext { Kind = ValidonX.Platform.Callers.CallerKind.Anonymous, ExpiresAt = LicensingPlatform.InAMinute }, "GET", path));
        using var response = await platform.Replicas[replica].Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("public, max-age=300", response.Headers.CacheControl!.ToString());
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
