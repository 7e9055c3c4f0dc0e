using Dapper;
using ValidonX.Coherence;
using ValidonX.Platform.Coherence;
using ValidonX.Tests.Platform.Databases;

namespace ValidonX.Tests.Platform.Coherence;

/// <summary>The register in a real database.</summary>
public sealed class CutOffRegisterTests(PlatformFixture fixture) : IClassFixture<PlatformFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);
    private static readonly CutOffEntry One = new(Guid.CreateVersion7().ToString("N"), 1);
    private static readonly CutOffEntry Other = new(Guid.CreateVersion7().ToString("N"), 1);

    private readonly CutOffRegister _register = new(fixture.Platform);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => await ExecuteAsync("DELETE FROM cut_off_replicas");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Others_find_a_replica_from_its_entry_to_its_leave()
    {
        Assert.False(await _register.HasOthersAsync(Other.Replica, Cancellation));
        await _register.EnterAsync(One, Life, Cancellation);
        await _register.EnterAsync(One, Life, Cancellation);

        Assert.True(await _register.HasOthersAsync(Other.Replica, Cancellation));
        Assert.False(await _register.HasOthersAsync(One.Replica, Cancellation));

        await _register.LeaveAsync(One, Cancellation);
        Assert.False(await _register.HasOthersAsync(Other.Replica, Cancellation));
    }

    [Fact]
    public async Task Each_time_cut_off_has_its_own_entry()
    {
        await _register.EnterAsync(One, Life, Cancellation);
        await _register.EnterAsync(One with { Time = 2 }, Life, Cancellation);

        await _register.LeaveAsync(One, Cancellation);

        Assert.True(await _register.HasOthersAsync(Other.Replica, Cancellation));
    }

    [Fact]
    public async Task An_entry_whose_life_is_over_counts_no_more_until_it_is_prolonged_and_is_cleared_away_in_the_end()
    {
        await _register.EnterAsync(One, Life, Cancellation);
        await ExecuteAsync("UPDATE cut_off_replicas SET until = UTC_TIMESTAMP(6)");
        Assert.False(await _register.HasOthersAsync(Other.Replica, Cancellation));

        await _register.EnterAsync(One, Life, Cancellation);
        Assert.True(await _register.HasOthersAsync(Other.Replica, Cancellation));

        await ExecuteAsync("UPDATE cut_off_replicas SET until = UTC_TIMESTAMP(6) - INTERVAL 2 DAY");
        await _register.EnterAsync(Other, Life, Cancellation);
        Assert.Equal(Other.Replica, await ScalarAsync("SELECT GROUP_CONCAT(replica) FROM cut_off_replicas"));
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        await connection.ExecuteAsync(sql);
    }

    private async Task<string?> ScalarAsync(string sql)
    {
        await using var connection = await fixture.Platform.OpenAsync(Cancellation);
        return await connection.ExecuteScalarAsync<string>(sql);
    }
}
