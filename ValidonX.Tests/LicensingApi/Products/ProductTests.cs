namespace ValidonX.Tests.LicensingApi.Products;

/// <summary><c>/v1/tenant/products</c>.</summary>
[Collection(LicensingCollection.Name)]
public sealed class ProductTests(LicensingPlatform platform)
{
    private const string Path = "/v1/tenant/products";

    [Fact]
    public async Task Products_are_made_shown_and_deleted_while_unused()
    {
        var tenant = await platform.CreateTenantAsync();
        var created = (await tenant.Owner.PostAsync(Path, new { code = "cad", name = "CAD", metadata = new { a = 1 } })).ShouldBe(201).Data["product"]!;
        var id = (string)created["id"]!;

        Assert.Equal(created.ToJsonString(), (await tenant.Owner.GetAsync($"{Path}/{id}")).ShouldBe(200).Data["product"]!.ToJsonString());
        Assert.Equal(created.ToJsonString(), Assert.Single((await tenant.Owner.GetAsync(Path)).ShouldBe(200).Data.AsArray())!.ToJsonString());
        (await tenant.Owner.PostAsync(Path, new { code = "cad", name = "Again" })).ShouldBe(409, "RESOURCE.CONFLICT");

        var (license, _) = await tenant.CreateLicenseAsync(new { product_id = id });
        Assert.Equal(license.ToString(), (string?)Assert.Single((await tenant.Owner.GetAsync($"/v1/tenant/licenses?product_id={id}")).Data.AsArray())!["id"]);
        (await tenant.Owner.DeleteAsync($"{Path}/{id}")).ShouldBe(409, "RESOURCE.CONFLICT");

        var unused = (string)(await tenant.Owner.PostAsync(Path, new { code = "other", name = "Other" })).ShouldBe(201).Data["product"]!["id"]!;
        (await tenant.Owner.DeleteAsync($"{Path}/{unused}")).ShouldBe(200);
        (await tenant.Owner.DeleteAsync($"{Path}/{unused}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await (await platform.CreateTenantAsync()).Owner.GetAsync($"{Path}/{id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task The_plans_number_of_products_is_never_exceeded()
    {
        var tenant = await platform.CreateTenantAsync("pro");

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.Owner.PostAsync(Path, new { code = $"p{i}", name = "P" })));

        Assert.Equal(5, answers.Count(answer => answer.Status == 201));
        Assert.All(answers.Where(answer => answer.Status != 201), answer => answer.ShouldBe(403, "ENTITLEMENTS.LIMIT_EXCEEDED"));
        (await tenant.Owner.DeleteAsync($"{Path}/{(string)answers.First(answer => answer.Status == 201).Data["product"]!["id"]!}")).ShouldBe(200);
        (await tenant.Owner.PostAsync(Path, new { code = "one-more", name = "P" })).ShouldBe(201);
    }

    [Fact]
    public async Task Bad_fields_are_told_all_at_once()
    {
        var tenant = await platform.CreateTenantAsync();

        var answer = (await tenant.Owner.PostAsync(Path, new { code = "no code", key_prefix = "ПРЕ", metadata = 1 })).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["code", "key_prefix", "metadata", "name"], answer.Details.AsObject().Select(field => field.Key));
    }
}
