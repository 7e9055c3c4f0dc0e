using Microsoft.Extensions.Logging.Abstractions;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Audit;

namespace ValidonX.Tests.LicensingApi.Audit;

/// <summary>Events that somebody can cause at will do not fill the audit log.</summary>
[Collection(LicensingCollection.Name)]
public sealed class CountedAuditTests(LicensingPlatform platform)
{
    private readonly string _action = $"test.{Guid.NewGuid():N}";

    [Fact]
    public async Task Equal_events_of_a_minute_are_two_rows_with_their_number()
    {
        using var counted = Create();
        Note(counted, "203.0.113.1");
        await counted.FlushAsync(everything: false, TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), await RowsAsync());

        for (var i = 0; i < 99; i++)
        {
            Note(counted, "203.0.113.1");
        }

        await counted.FlushAsync(everything: false, TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), await RowsAsync());
        await counted.FlushAsync(everything: true, TestContext.Current.CancellationToken);
        await counted.FlushAsync(everything: true, TestContext.Current.CancellationToken);
        Assert.Equal((2, 100), await RowsAsync());
    }

    [Fact]
    public async Task A_flood_of_different_ones_writes_a_bounded_number_of_rows_and_loses_no_count()
    {
        using var counted = Create();
        for (var i = 0; i < 20_000; i++)
        {
            Note(counted, $"2001:db8:{i / 1000}:{i % 1000}::/64");
            if (i % 5_000 == 0)
            {
                await counted.FlushAsync(everything: false, TestContext.Current.CancellationToken);
            }
        }

        await counted.FlushAsync(everything: true, TestContext.Current.CancellationToken);

        var (rows, times) = await RowsAsync();
        Assert.InRange(rows, 1, 2 * (CountedAudit.MostTold + 1));
        Assert.Equal(20_000, times);
    }

    [Theory]
    [InlineData(TenantRole.Viewer, "POST", "/v1/tenant/api-keys", "AUTH.INSUFFICIENT_PERMISSIONS")]
    [InlineData(TenantRole.Owner, "GET", "/v1/admin/tenants", "AUTH.TOKEN.INVALID_SCOPE")]
    public async Task A_refused_privileged_call_is_in_the_audit_log(TenantRole role, string method, string path, string code)
    {
        var tenant = await platform.CreateTenantAsync();
        var user = tenant.User(role);
        await platform.FlushCountedAsync();

        (method == "GET" ? await user.GetAsync(path) : await user.PostAsync(path, new { name = "k" })).ShouldBe(403, code);
        (method == "GET" ? await user.GetAsync(path) : await user.PostAsync(path, new { name = "k" })).ShouldBe(403, code);
        await platform.FlushCountedAsync();

        var row = $"FROM audit_logs WHERE tenant_id = '{tenant.Id}' AND action = 'access.refused' AND actor_type = 'user' AND subject_type = 'route'";
        Assert.Equal(2, await platform.ScalarAsync<long>($"SELECT SUM(CAST(JSON_EXTRACT(details, '$.times') AS UNSIGNED)) {row}"));
        Assert.Equal($"{method} {path}", (await platform.ScalarAsync<string>($"SELECT MAX(subject_id) {row}"))!.TrimEnd('/'));
        Assert.Contains(code, await platform.ScalarAsync<string>($"SELECT MAX(details) {row}"), StringComparison.Ordinal);
    }

    private CountedAudit Create() =>
        new(platform.Databases.Platform, new AuditLog(TimeProvider.System), TimeProvider.System, NullLogger<CountedAudit>.Instance);

    private void Note(CountedAudit counted, string network) =>
        counted.Note(new AuditEvent(_action, TenantId: null) { RequestId = Guid.NewGuid().ToString() }, "test", network);

    private async Task<(long Rows, long Times)> RowsAsync() =>
        (await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = @action", new { action = _action }),
         await platform.ScalarAsync<long>("SELECT COALESCE(SUM(CAST(JSON_EXTRACT(details, '$.times') AS UNSIGNED)), 0) FROM audit_logs WHERE action = @action", new { action = _action }));
}
