using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Dapper;

namespace ValidonX.Tests.LicensingApi.Idempotency;

/// <summary>A client that hangs up, at each step of its request, and comes back with the same Idempotency-Key.</summary>
[Collection(LicensingCollection.Name)]
public sealed class HangUpTests(LicensingPlatform platform)
{
    private enum Instant
    {
        Sent,
        Claimed,
        Committed,
        Answered,
    }

    private static readonly Instant[] Instants = Enum.GetValues<Instant>();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Before_the_whole_request_is_there_nothing_is_claimed()
    {
        var tenant = await platform.CreateTenantAsync();

        using (var client = await SendAsync(tenant, "POST", "/v1/tenant/licenses", "hang-1", "{\"type\":", announcedLength: 16))
        {
            client.Close();
        }

        (await tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "trial" }, "hang-1")).ShouldBe(201);
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
    }

    [Fact]
    public async Task While_the_work_waits_for_a_lock_it_is_done_once_all_the_same()
    {
        var tenant = await platform.CreateTenantAsync();
        var id = (string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "k" })).ShouldBe(201).Data["id"]!;
        await using var held = await platform.Databases.Platform.OpenAsync(Cancellation);
        await held.ExecuteAsync("START TRANSACTION; SELECT id FROM api_keys WHERE id = @id FOR UPDATE", new { id });
        using (var client = await SendAsync(tenant, "POST", $"/v1/tenant/api-keys/{id}/rotate", "hang-2"))
        {
            await Until.TrueAsync(async () => await platform.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency_keys WHERE tenant_id = @Id", new { tenant.Id }) == 1);
            client.Close();
        }

        await held.ExecuteAsync("ROLLBACK");

        await AssertRotatedOnceAsync(tenant, id, "hang-2");
    }

    [Fact]
    public async Task Whenever_it_hangs_up_during_a_rotation_it_gets_the_new_key_when_it_comes_back()
    {
        var tenant = await platform.CreateTenantAsync();
        for (var attempt = 0; attempt < 5 * Instants.Length; attempt++)
        {
            var id = (string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "k" })).ShouldBe(201).Data["id"]!;
            var key = string.Create(CultureInfo.InvariantCulture, $"hang-3-{attempt}");
            using (var client = await SendAsync(tenant, "POST", $"/v1/tenant/api-keys/{id}/rotate", key))
            {
                await ReachedAsync(Instants[attempt % Instants.Length], client, tenant, id, key);
                client.LingerState = new LingerOption(true, 0);
                client.Close();
            }

            await AssertRotatedOnceAsync(tenant, id, key);
        }
    }

    [Fact]
    public async Task Without_waiting_for_a_single_byte_of_the_answer_it_has_made_one_license()
    {
        var tenant = await platform.CreateTenantAsync();
        using (var client = await SendAsync(tenant, "POST", "/v1/tenant/licenses", "hang-4", "{}"))
        {
            await Until.TrueAsync(async () => await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys") == 1);
            client.LingerState = new LingerOption(true, 0);
            client.Close();
        }

        var replay = await RepeatAsync(() => tenant.Owner.PostAsync("/v1/tenant/licenses", new { }, "hang-4"));

        Assert.Equal("true", replay.ShouldBe(201).Header("Idempotency-Replayed"));
        Assert.Equal(1, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM license_keys"));
    }

    [Fact]
    public async Task Copies_of_one_rotation_sent_at_once_and_abandoned_at_once_rotate_once()
    {
        var tenant = await platform.CreateTenantAsync();
        var id = (string)(await tenant.Owner.PostAsync("/v1/tenant/api-keys", new { name = "k" })).ShouldBe(201).Data["id"]!;

        await Task.WhenAll(Enumerable.Range(0, 12).Select(async i =>
        {
            using var client = await SendAsync(tenant, "POST", $"/v1/tenant/api-keys/{id}/rotate", "hang-5", replica: i % 2);
            await ReachedAsync(Instants[i % Instants.Length], client, tenant, id, "hang-5");
            client.Close();
        }));

        await AssertRotatedOnceAsync(tenant, id, "hang-5");
    }

    /// <summary>The rotation has come at least so far.</summary>
    private async Task ReachedAsync(Instant instant, Socket client, LicensedTenant tenant, string id, string key)
    {
        switch (instant)
        {
            case Instant.Claimed:
                var keyHash = SHA256.HashData(Encoding.UTF8.GetBytes(key));
                await Until.TrueAsync(
                    async () => await platform.ScalarAsync<long>("SELECT COUNT(*) FROM idempotency_keys WHERE tenant_id = @Id AND key_hash = @keyHash", new { tenant.Id, keyHash }) == 1);
                break;
            case Instant.Committed:
                // Or is over for this client: the copy that was at it may have been abandoned before it committed.
                await Until.TrueAsync(
                    async () => client.Available > 0 || await platform.ScalarAsync<Guid?>("SELECT replaced_by FROM api_keys WHERE id = @id", new { id }) is not null);
                break;
            case Instant.Answered:
                await Until.TrueAsync(() => client.Available > 0);
                break;
        }
    }

    private async Task AssertRotatedOnceAsync(LicensedTenant tenant, string id, string key)
    {
        var answer = await RepeatAsync(() => tenant.Owner.PostAsync($"/v1/tenant/api-keys/{id}/rotate", null, key));
        var text = (string)answer.ShouldBe(201).Data["key"]!;
        var created = Guid.Parse((string)answer.Data["id"]!);
        Assert.Equal(text, (string)(await tenant.Owner.PostAsync($"/v1/tenant/api-keys/{id}/rotate", null, key)).ShouldBe(201).Data["key"]!);
        Assert.Equal(created, await platform.ScalarAsync<Guid>("SELECT replaced_by FROM api_keys WHERE id = @id", new { id }));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'api_key.rotated' AND subject_id = @id", new { id }));
        Assert.Equal(text[^4..], await platform.ScalarAsync<string>("SELECT hint FROM api_keys WHERE id = @created", new { created }));
    }

    /// <summary>As clients do: while the first request still runs, again after a moment.</summary>
    private static async Task<EndToEnd.Answer> RepeatAsync(Func<Task<EndToEnd.Answer>> call)
    {
        EndToEnd.Answer answer = null!;
        await Until.TrueAsync(async () => (answer = await call()).Status != 409, "the first request has ended");
        return answer;
    }

    private async Task<Socket> SendAsync(
        LicensedTenant tenant, string method, string path, string idempotencyKey, string body = "", int? announcedLength = null, int replica = 0)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, platform.Replicas[replica].Address.Port, Cancellation);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{method} {path} HTTP/1.1\r\nHost: x\r\nX-ValidonX-Internal-Context: {tenant.SignForOwner(method, path)}\r\nIdempotency-Key: {idempotencyKey}\r\n"
                + $"Content-Type: application/json\r\nContent-Length: {announcedLength ?? body.Length}\r\n\r\n{body}")),
            Cancellation);
        return socket;
    }
}
