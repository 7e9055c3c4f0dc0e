using System.Globalization;

namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §9: tokens are listed, named, made and ended; what was ended is refused by every gateway when the call returns.</summary>
public sealed class TokenTests
{
    private const string Own = "/v1/account/tokens";

    [Fact]
    public async Task An_owner_makes_a_token_sees_when_it_was_used_and_ends_it_everywhere()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var expiresAt = DateTimeOffset.UtcNow.AddDays(7).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

        var made = (await tenant.Owner.PostAsync(Own, new { name = "laptop", expires_at = expiresAt })).ShouldBe(201);
        Assert.Equal(
            ["abilities", "created_at", "expires_at", "id", "last_used_at", "name", "token", "user_id"],
            made.Data.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal((expiresAt, """["tenant"]"""), ((string?)made.Data["expires_at"], made.Data["abilities"]!.ToJsonString()));
        var id = (string)made.Data["id"]!;
        var text = (string)made.Data["token"]!;
        IReadOnlyList<Caller> laptops = [.. stack.Gateways.Select(gateway => new Caller(gateway, text, null))];
        foreach (var laptop in laptops)
        {
            (await laptop.GetAsync("/v1/tenant/licenses")).ShouldBe(200);
        }

        await Until.TrueAsync(async () => (await ListedAsync(tenant.Owner)).Single(token => (string?)token["id"] == id)["last_used_at"] is not null, "the use is noted");
        var listed = (await tenant.Owner.GetAsync(Own)).ShouldBe(200);
        Assert.DoesNotContain(text[37..], listed.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, listed.Data.AsArray().Count);

        Assert.Equal($$"""{"deleted":true,"id":"{{id}}"}""", (await tenant.Owner.DeleteAsync($"{Own}/{id}")).ShouldBe(200).Data.ToJsonString());

        foreach (var laptop in laptops)
        {
            (await laptop.GetAsync("/v1/tenant/licenses")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
            (await laptop.GetAsync(Own)).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        }

        (await tenant.Owner.DeleteAsync($"{Own}/{id}")).ShouldBe(200);
        Assert.DoesNotContain(await ListedAsync(tenant.Owner), token => (string?)token["id"] == id);
    }

    [Fact]
    public async Task Nobody_ends_or_sees_anothers_token()
    {
        var stack = await Stack.GetAsync();
        var (ours, theirs) = (await stack.CreateTenantAsync(), await stack.CreateTenantAsync());
        var id = (string)(await ours.Owner.PostAsync(Own, new { name = "ours" })).ShouldBe(201).Data["id"]!;

        (await theirs.Owner.DeleteAsync($"{Own}/{id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await stack.Operator.DeleteAsync($"/v1/admin/tenants/{theirs.Id}/tokens/{id}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        Assert.DoesNotContain(await ListedAsync(theirs.Owner), token => (string?)token["id"] == id);
        Assert.DoesNotContain(await ListedAsync(stack.Operator, $"/v1/admin/tenants/{theirs.Id}/tokens"), token => (string?)token["id"] == id);
        var owner = (string)(await ListedAsync(ours.Owner))[0]["user_id"]!;
        (await stack.Operator.PostAsync($"/v1/admin/tenants/{theirs.Id}/tokens", new { name = "x", user_id = owner })).ShouldBe(422, "VALIDATION.FAILED");
        (await ours.Owner.GetAsync($"/v1/admin/tenants/{ours.Id}/tokens")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await stack.Operator.GetAsync(Own)).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        Assert.Contains(await ListedAsync(ours.Owner), token => (string?)token["id"] == id);
    }

    [Fact]
    public async Task An_operator_sees_makes_and_ends_the_tokens_of_a_tenants_members()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var path = $"/v1/admin/tenants/{tenant.Id}/tokens";

        var made = (await stack.Operator.PostAsync(path, new { name = "support" })).ShouldBe(201);
        var support = new Caller(stack.Gateways[1], (string)made.Data["token"]!, null);
        (await support.GetAsync("/v1/tenant/licenses")).ShouldBe(200);
        Assert.Equal(2, (await ListedAsync(stack.Operator, path)).Count);

        (await stack.Operator.DeleteAsync($"{path}/{(string)made.Data["id"]!}")).ShouldBe(200);

        (await support.GetAsync("/v1/tenant/licenses")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await stack.Operator.GetAsync($"/v1/admin/tenants/{Guid.NewGuid()}/tokens")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await stack.Operator.PostAsync($"/v1/admin/tenants/{Guid.NewGuid()}/tokens", new { name = "x" })).ShouldBe(404, "TENANT.NOT_FOUND");
    }

    [Fact]
    public async Task A_reissued_first_key_and_token_take_the_place_of_the_lost_ones_everywhere()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        foreach (var app in tenant.Apps)
        {
            (await app.ValidateAsync(license.Key)).ShouldBe(200);
        }

        var reissued = (await stack.Operator.PostAsync($"/v1/admin/tenants/{tenant.Id}/api-key/reissue")).ShouldBe(201);

        Assert.Equal(["api_key", "bearer_token"], reissued.Data.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        foreach (var gateway in stack.Gateways)
        {
            (await new Caller(gateway, null, tenant.ApiKey).ValidateAsync(license.Key)).ShouldBe(401, "AUTH.INVALID_API_KEY");
            (await new Caller(gateway, tenant.BearerToken, null).GetAsync("/v1/tenant/licenses")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
            (await new Caller(gateway, null, (string)reissued.Data["api_key"]!).ValidateAsync(license.Key)).ShouldBe(200);
            (await new Caller(gateway, (string)reissued.Data["bearer_token"]!, null).GetAsync("/v1/tenant/licenses")).ShouldBe(200);
        }

        (await stack.Operator.PostAsync($"/v1/admin/tenants/{tenant.Id}/api-key/reveal")).ShouldBe(409, "RESOURCE.CONFLICT");
        var again = (await stack.Operator.PostAsync($"/v1/admin/tenants/{tenant.Id}/api-key/reissue")).ShouldBe(201);
        (await new Caller(stack.Gateways[1], null, (string)reissued.Data["api_key"]!).ValidateAsync(license.Key)).ShouldBe(401, "AUTH.INVALID_API_KEY");
        (await new Caller(stack.Gateways[1], null, (string)again.Data["api_key"]!).ValidateAsync(license.Key)).ShouldBe(200);
        (await stack.Operator.PostAsync($"/v1/admin/tenants/{Guid.NewGuid()}/api-key/reissue")).ShouldBe(404, "TENANT.NOT_FOUND");
    }

    [Fact]
    public async Task A_changed_password_ends_all_other_sessions_and_guessing_the_current_one_is_limited()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var other = new Caller(stack.Gateways[1], (string)(await tenant.Owner.PostAsync(Own, new { name = "other" })).ShouldBe(201).Data["token"]!, null);
        (await other.GetAsync("/v1/tenant/licenses")).ShouldBe(200);

        (await tenant.Owner.PutAsync("/v1/account/password", new { password = "the first password" })).ShouldBe(204);

        (await other.GetAsync("/v1/tenant/licenses")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await tenant.Owner.GetAsync("/v1/tenant/licenses")).ShouldBe(200);
        (await tenant.Owner.PutAsync("/v1/account/password", new { current_password = "not the password", password = "a second password" })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await tenant.Owner.PutAsync("/v1/account/password", new { current_password = "the first password", password = "a second password" })).ShouldBe(204);
        // The answer was lost and the call is repeated.
        (await tenant.Owner.PutAsync("/v1/account/password", new { current_password = "the first password", password = "a second password" })).ShouldBe(204);

        await Until.TrueAsync(
            async () => (await tenant.Owner.PutAsync("/v1/account/password", new { current_password = "not the password", password = "a third password" })).Status == 429,
            "guessing is refused");
    }

    [Fact]
    public async Task Bad_fields_are_told_all_at_once()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();

        var token = (await tenant.Owner.PostAsync(Own, new { expires_at = "2020-01-01T00:00:00Z" })).ShouldBe(422, "VALIDATION.FAILED");
        var password = (await tenant.Owner.PutAsync("/v1/account/password", new { current_password = "", password = "short" })).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["expires_at", "name"], token.Details.AsObject().Select(field => field.Key));
        Assert.Equal(["current_password", "password"], password.Details.AsObject().Select(field => field.Key));
        (await tenant.Owner.PostAsync(Own, new { name = "x", expires_at = DateTimeOffset.UtcNow.AddDays(366) })).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.DeleteAsync($"{Own}/nonsense")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    private static async Task<IReadOnlyList<System.Text.Json.Nodes.JsonNode>> ListedAsync(Caller caller, string path = Own) =>
        [.. (await caller.GetAsync($"{path}?limit=100")).ShouldBe(200).Data.AsArray().Select(token => token!)];
}
