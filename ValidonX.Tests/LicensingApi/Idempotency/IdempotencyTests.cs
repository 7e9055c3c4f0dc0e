using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.LicensingApi.Idempotency;

namespace ValidonX.Tests.LicensingApi.Idempotency;

/// <summary>CONTRACT §1, <c>Idempotency-Key</c> on writes.</summary>
[Collection(LicensingCollection.Name)]
public sealed class IdempotencyTests(LicensingPlatform platform)
{
    [Fact]
    public async Task The_first_answer_is_given_again()
    {
        var tenant = await platform.CreateTenantAsync();

        var first = (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "trial" }, "order-1")).ShouldBe(201);
        var second = (await tenant.User(ValidonX.Platform.Accounts.TenantRole.Owner, 1).PostAsync("/v1/tenant/licenses", new { type = "trial" }, "order-1")).ShouldBe(201);

        Assert.Null(first.Header("Idempotency-Replayed"));
        Assert.Equal("true", second.Header("Idempotency-Replayed"));
        Assert.Equal(first.Data.ToJsonString(), second.Data.ToJsonString());
        Assert.NotEqual(first.Header("X-Request-ID"), second.Header("X-Request-ID"));
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "floating" }, "order-1")).ShouldBe(422, "IDEMPOTENCY.KEY_REUSED");
        (await tenant.Owner.PostAsync("/v1/tenant/products", new { type = "trial" }, "order-1")).ShouldBe(422, "IDEMPOTENCY.KEY_REUSED");
        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "trial" }, new string('k', 256))).ShouldBe(422, "VALIDATION.FAILED");
    }

    [Fact]
    public async Task Concurrent_repetitions_run_once()
    {
        var tenant = await platform.CreateTenantAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i =>
            tenant.User(ValidonX.Platform.Accounts.TenantRole.Developer, i % 2).PostAsync("/v1/tenant/licenses", new { }, "order-2")));

        Assert.All(answers, answer => Assert.True(answer.Status == 201 || answer.ShouldBe(409, "IDEMPOTENCY.IN_PROGRESS") is not null));
        Assert.Single(answers.Where(answer => answer.Status == 201).Select(answer => answer.Data.ToJsonString()).Distinct());
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
    }

    [Fact]
    public async Task A_refusal_that_the_request_came_to_is_given_again_but_one_it_never_ran_for_is_not()
    {
        var tenant = await platform.CreateTenantAsync();
        await tenant.CreateLicenseAsync(new { key = "TAKEN-1" });

        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { key = "TAKEN-1" }, "a")).ShouldBe(409, "RESOURCE.CONFLICT");
        var replay = (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { key = "TAKEN-1" }, "a")).ShouldBe(409, "RESOURCE.CONFLICT");
        Assert.Equal("true", replay.Header("Idempotency-Replayed"));

        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "nonsense" }, "b")).ShouldBe(422, "VALIDATION.FAILED");
        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "trial" }, "b")).ShouldBe(201);
    }

    [Fact]
    public async Task Keys_of_different_tenants_have_nothing_to_do_with_each_other()
    {
        var (first, second) = (await platform.CreateTenantAsync(), await platform.CreateTenantAsync());

        (await first.Owner.PostAsync("/v1/tenant/licenses", new { }, "same")).ShouldBe(201);
        var other = (await second.Owner.PostAsync("/v1/tenant/licenses", new { type = "trial" }, "same")).ShouldBe(201);

        Assert.Null(other.Header("Idempotency-Replayed"));
    }

    [Fact]
    public async Task An_activation_refused_for_want_of_a_seat_is_told_the_same_again()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(("activations.max", 1));
        var created = (await tenant.App.ActivateAsync(key, "a", "seat-a")).ShouldBe(201);

        var replay = (await tenant.Apps[1].ActivateAsync(key, "a", "seat-a")).ShouldBe(201);

        Assert.Equal(created.Data.ToJsonString(), replay.Data.ToJsonString());
        (await tenant.App.ActivateAsync(key, "b", "seat-b")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
        Assert.Equal("true", (await tenant.App.ActivateAsync(key, "b", "seat-b")).ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED").Header("Idempotency-Replayed"));
    }

    [Fact]
    public async Task A_request_whose_process_died_is_taken_over_once_its_lease_has_run_out()
    {
        var tenant = await platform.CreateTenantAsync();
        var store = platform.Replicas[0].Services.GetRequiredService<IdempotencyStore>();
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes("order-3"));
        var request = SHA256.HashData(Encoding.UTF8.GetBytes("POST /v1/tenant/licenses\n{\"type\":\"trial\"}"));
        var dead = (await store.ClaimAsync(tenant.Id, hash, request)).Claim!;

        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "trial" }, "order-3")).ShouldBe(409, "IDEMPOTENCY.IN_PROGRESS");
        await platform.ExecuteAsync("UPDATE idempotency_keys SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE tenant_id = @Id", new { tenant.Id });
        var taken = (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "trial" }, "order-3")).ShouldBe(201);

        // The dead one was only slow: what it has to say comes too late.
        await store.CompleteAsync(dead, new StoredAnswer(201, false, "{}", null));
        await store.ReleaseAsync(dead);
        var replay = (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "trial" }, "order-3")).ShouldBe(201);
        Assert.Equal(taken.Data.ToJsonString(), replay.Data.ToJsonString());
    }

    [Fact]
    public async Task Of_two_who_run_under_one_key_one_commits_and_both_get_its_answer()
    {
        var tenant = await platform.CreateTenantAsync();
        await using var held = await platform.Databases.Tenants.OpenAsync(tenant.Placement, TestContext.Current.CancellationToken);
        await held.Connection.ExecuteAsync("START TRANSACTION; INSERT INTO license_keys (id, license_key, type, status, metadata, created_at, updated_at) VALUES ('x', 'SAME-KEY', 'trial', 'active', '{}', NOW(), NOW())");
        var slow = tenant.Owner.PostAsync("/v1/tenant/licenses", new { key = "SAME-KEY" }, "order-4");
        await Until.TrueAsync(async () => await platform.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency_keys WHERE tenant_id = @Id", new { tenant.Id }) == 1);
        await platform.ExecuteAsync("UPDATE idempotency_keys SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND WHERE tenant_id = @Id", new { tenant.Id });

        var second = tenant.User(ValidonX.Platform.Accounts.TenantRole.Owner, 1).PostAsync("/v1/tenant/licenses", new { key = "SAME-KEY" }, "order-4");
        await Until.TrueAsync(async () => await platform.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency_keys WHERE tenant_id = @Id AND lease_until > UTC_TIMESTAMP(6)", new { tenant.Id }) == 1);
        await held.Connection.ExecuteAsync("ROLLBACK");

        Assert.Equal((await slow).ShouldBe(201).Data.ToJsonString(), (await second).ShouldBe(201).Data.ToJsonString());
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox"));
    }

    [Fact]
    public async Task One_whose_key_was_taken_over_changes_nothing_in_the_platform_database()
    {
        var tenant = await platform.CreateTenantAsync();
        await using var held = await platform.Databases.Platform.OpenAsync(TestContext.Current.CancellationToken);
        var id = (string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "k" })).ShouldBe(201).Data["id"]!;
        await held.ExecuteAsync("START TRANSACTION; SELECT id FROM api_keys WHERE id = @id FOR UPDATE", new { id });
        var slow = tenant.Owner.PostAsync($"/v1/tenant/api-keys/{id}/rotate", null, "rotate-1");
        await Until.TrueAsync(async () => await platform.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency_keys WHERE tenant_id = @Id", new { tenant.Id }) == 1);

        // Another process has the key now.
        await platform.ExecuteAsync("UPDATE idempotency_keys SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 HOUR WHERE tenant_id = @Id", new { tenant.Id });
        await held.ExecuteAsync("ROLLBACK");

        (await slow).ShouldBe(409, "IDEMPOTENCY.IN_PROGRESS");
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM api_keys WHERE tenant_id = @Id AND replaced_by IS NULL", new { tenant.Id }));
    }

    [Fact]
    public async Task A_change_that_could_not_leave_its_event_is_not_made()
    {
        var tenant = await platform.CreateTenantAsync();
        await using (var schema = await platform.Databases.Administration.OpenTenantSchemaAsync(tenant.Placement, TestContext.Current.CancellationToken))
        {
            // As in a database that is yet to be brought to this version's schema.
            await schema.ExecuteAsync("RENAME TABLE outbox TO elsewhere");
        }

        var refused = (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { }, "order-5")).ShouldBe(503, "SERVER.UNAVAILABLE");

        Assert.NotNull(refused.Header("Retry-After"));
        Assert.Equal(0, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency_keys WHERE tenant_id = @Id", new { tenant.Id }));
    }

    [Fact]
    public async Task A_new_api_key_is_replayed_and_yet_stored_nowhere_in_the_clear()
    {
        var tenant = await platform.CreateTenantAsync();

        var created = (await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "ci" }, "key-1")).ShouldBe(201);
        var replay = (await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "ci" }, "key-1")).ShouldBe(201);

        var key = (string)created.Data["key"]!;
        Assert.Equal(key, (string?)replay.Data["key"]);
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency_keys WHERE LOCATE(@bytes, response_body) > 0", new { bytes = Encoding.ASCII.GetBytes(key[3..]) }));
    }
}
