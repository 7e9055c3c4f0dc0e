using System.Net.Http.Headers;
using System.Text;
using ValidonX.Tests.LicensingApi.Bulk;

namespace ValidonX.Tests.EndToEnd;

/// <summary>Many licenses at once, through the gateways and with the workers of the whole stack.</summary>
public sealed class BulkTests
{
    private const string Bulk = "/v1/tenant/licenses/bulk";

    [Fact]
    public async Task Megabytes_come_in_through_the_gateway_while_another_tenant_is_served_and_are_then_changed_together()
    {
        var stack = await Stack.GetAsync();
        var (many, other) = (await stack.CreateTenantAsync("enterprise"), await stack.CreateTenantAsync());
        var license = await other.CreateLicenseAsync();
        var padding = new string('x', 100);
        var file = Encoding.UTF8.GetBytes("key,customer_name,metadata\n" + string.Concat(Enumerable.Range(0, 12_000).Select(number => $"MANY-{number:D6},{padding},{{}}\n")));

        var importing = many.Owner.SendAsync(HttpMethod.Post, Upload.Path, Content(file), ("Idempotency-Key", "many"));
        for (var calls = 0; calls < 500 && (calls == 0 || !importing.IsCompleted); calls++)
        {
            // Within the quota of its key.
            (await other.App.ValidateAsync(license.Key)).ShouldBe(200);
        }

        var import = (await importing).ShouldBe(202).Import();
        Assert.Equal(("completed", 12_000L, 12_000L, 0L), (import.Status, import.Rows, import.Created, import.Failed));
        Assert.Equal(import, (await many.Owner.SendAsync(HttpMethod.Post, Upload.Path, Content(file), ("Idempotency-Key", "many"))).ShouldBe(202).Import());
        (await other.Owner.GetAsync($"/v1/tenant/licenses/imports/{import.Id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        foreach (var app in many.Apps) (await app.ValidateAsync("MANY-011999")).ShouldBe(200);

        var id = (string)(await many.Owner.PostAsync(Bulk, new { action = "revoke", filter = new { search = "MANY-0119" } })).ShouldBe(202).Data["job"]!["id"]!;
        await Until.TrueAsync(async () => (string?)(await many.Owner.GetAsync($"{Bulk}/{id}")).Data["job"]!["status"] == "succeeded");

        foreach (var app in many.Apps) (await app.ValidateAsync("MANY-011999")).ShouldBe(403, "LICENSE.REVOKED");
        foreach (var app in many.Apps) (await app.ValidateAsync("MANY-011899")).ShouldBe(200);
    }

    [Fact]
    public async Task Only_an_import_may_be_large_and_not_without_bound()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();

        (await SendHeadAsync(tenant, "/v1/tenant/licenses", 2 * 1024 * 1024)).ShouldBe(413, "REQUEST.TOO_LARGE");
        (await SendHeadAsync(tenant, "/v1/tenant/licenses/imports", 2 * 1024 * 1024)).ShouldBe(413, "REQUEST.TOO_LARGE");
        (await SendHeadAsync(tenant, Upload.Path, (64 * 1024 * 1024) + 1)).ShouldBe(413, "REQUEST.TOO_LARGE");
    }

    private static ByteArrayContent Content(byte[] file)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return content;
    }

    /// <summary>Announces a body and waits for what is said to that before it would send it.</summary>
    private static Task<Answer> SendHeadAsync(TestTenant tenant, string path, int length) =>
        tenant.Owner.SendAsync(HttpMethod.Post, path, Content(new byte[length]), ("Expect", "100-continue"));
}
