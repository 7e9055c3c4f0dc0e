namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §3, activations, through both gateways.</summary>
public sealed class ActivationTests
{
    [Fact]
    public async Task An_activation_is_created_once_and_found_again_afterwards()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();

        var created = (await tenant.App.PostAsync("/v1/integration/activations", new
        {
            license_key = license.Key,
            instance_id = "laptop-1",
            device_fingerprint = "aa:bb:cc",
            metadata = new { os = "linux" },
        })).ShouldBe(201).Data["activation"]!;
        Assert.Equal(license.Id.ToString(), (string?)created["license_key_id"]);
        Assert.Equal("laptop-1", (string?)created["instance_id"]);
        Assert.Equal("aa:bb:cc", (string?)created["device_fingerprint"]);
        Assert.Equal("active", (string?)created["status"]);
        Assert.Equal("linux", (string?)created["metadata"]!["os"]);
        Assert.NotNull(created["activated_at"]);
        Assert.NotNull(created["created_at"]);

        var again = (await tenant.App.ActivateAsync(license.Key, "laptop-1")).ShouldBe(200);
        Assert.Equal((string?)created["id"], (string?)again.Data["activation"]!["id"]);

        var validated = (await tenant.App.PostAsync($"/v1/integration/activations/{(string)created["id"]!}/validate")).ShouldBe(200);
        Assert.True((bool)validated.Data["valid"]!);
        Assert.Equal("laptop-1", (string?)validated.Data["activation"]!["instance_id"]);
        Assert.Equal(license.Key, (string?)validated.Data["license"]!["key"]);
    }

    [Fact]
    public async Task Fingerprint_is_an_alias_of_instance_id()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();

        var answer = await tenant.App.PostAsync("/v1/integration/activations", new { license_key = license.Key, fingerprint = "fp-1" });

        Assert.Equal("fp-1", (string?)answer.ShouldBe(201).Data["activation"]!["instance_id"]);
    }

    [Fact]
    public async Task Forty_concurrent_activations_on_ten_seats_give_exactly_ten()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new { entitlements = new Dictionary<string, object> { ["activations.max"] = 10 } });

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => tenant.Apps[i % 2].ActivateAsync(license.Key, $"device-{i}")));

        Assert.Equal(10, answers.Count(answer => answer.Status == 201));
        foreach (var refused in answers.Where(answer => answer.Status != 201))
        {
            refused.ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
            Assert.Equal(10, (int)refused.Details["current"]!);
            Assert.Equal(10, (int)refused.Details["limit"]!);
        }
    }

    [Fact]
    public async Task The_same_instance_activated_concurrently_takes_one_seat()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new { entitlements = new Dictionary<string, object> { ["activations.max"] = 2 } });

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.Apps[i % 2].ActivateAsync(license.Key, "same-device")));

        Assert.Equal(1, answers.Count(answer => answer.Status == 201));
        Assert.Equal(11, answers.Count(answer => answer.Status == 200));
        Assert.Single(answers.Select(answer => (string)answer.Data["activation"]!["id"]!).Distinct());
        (await tenant.App.ActivateAsync(license.Key, "second-device")).ShouldBe(201);
        (await tenant.App.ActivateAsync(license.Key, "third-device")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
    }

    [Fact]
    public async Task The_plan_gives_the_seats_of_a_license_that_names_none()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync("starter");
        var license = await tenant.CreateLicenseAsync();

        for (var i = 0; i < 10; i++)
        {
            (await tenant.App.ActivateAsync(license.Key, $"device-{i}")).ShouldBe(201);
        }

        var refused = (await tenant.App.ActivateAsync(license.Key, "device-10")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
        Assert.Equal(10, (int)refused.Details["limit"]!);
    }

    [Fact]
    public async Task A_revoked_activation_frees_its_seat_and_is_refused_from_then_on()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new { entitlements = new Dictionary<string, object> { ["activations.max"] = 1 } });
        var id = (string)(await tenant.App.ActivateAsync(license.Key, "old")).ShouldBe(201).Data["activation"]!["id"]!;
        (await tenant.App.PostAsync($"/v1/integration/activations/{id}/validate")).ShouldBe(200);

        var revoked = (await tenant.Owner.DeleteAsync($"/v1/tenant/activations/{id}")).ShouldBe(200);

        Assert.Equal("revoked", (string?)revoked.Data["activation"]!["status"]);
        var validated = await tenant.App.PostAsync($"/v1/integration/activations/{id}/validate");
        Assert.True(validated.Status == 404 || !(bool)validated.Data["valid"]!, validated.ToString());
        (await tenant.App.ActivateAsync(license.Key, "new")).ShouldBe(201);
    }

    [Theory]
    [InlineData("2020-01-01T00:00:00Z", null)]
    [InlineData(null, "suspend")]
    public async Task An_expired_or_suspended_license_cannot_be_activated(string? expiresAt, string? change)
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync(new { expires_at = expiresAt });
        if (change is not null)
        {
            (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/{change}")).ShouldBe(200);
        }

        (await tenant.App.ActivateAsync(license.Key, "device")).ShouldBe(422, "ACTIVATION.INVALID");
    }

    [Fact]
    public async Task A_revoked_license_cannot_be_activated_nor_its_activations_validated()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        var id = (string)(await tenant.App.ActivateAsync(license.Key, "device")).ShouldBe(201).Data["activation"]!["id"]!;
        (await tenant.Owner.PostAsync($"/v1/tenant/licenses/{license.Id}/revoke")).ShouldBe(200);

        (await tenant.App.ActivateAsync(license.Key, "other")).ShouldBe(403, "LICENSE.REVOKED");
        (await tenant.App.PostAsync($"/v1/integration/activations/{id}/validate")).ShouldBe(403, "LICENSE.REVOKED");
    }

    [Fact]
    public async Task Unknown_licenses_and_activations_are_not_found()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();

        (await tenant.App.ActivateAsync("NO-SUCH-LICENSE", "device")).ShouldBe(404, "LICENSE.NOT_FOUND");
        (await tenant.App.PostAsync($"/v1/integration/activations/{Guid.NewGuid()}/validate")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
        (await tenant.App.PostAsync("/v1/integration/activations/not-an-id/validate")).ShouldBe(404, "ACTIVATION.NOT_FOUND");
    }

    [Fact]
    public async Task Bad_fields_are_reported_all_at_once()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();

        var answer = (await tenant.App.PostAsync("/v1/integration/activations", new
        {
            device_fingerprint = 12,
            metadata = new { text = new string('x', 9000) },
        })).ShouldBe(422, "VALIDATION.FAILED");

        foreach (var field in new[] { "license_key", "instance_id", "device_fingerprint", "metadata" })
        {
            Assert.NotEmpty(answer.Details[field]!.AsArray());
        }
    }
}
