using System.Globalization;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Audit;
using ValidonX.Provisioner.Audit;

namespace ValidonX.Tests.Provisioner.Audit;

/// <summary>Whatever somebody does to the audit log in the database is found, and nothing is found when nobody did.</summary>
public sealed class AuditChainTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Entries_are_linked_in_order_and_their_hashes_prove_it()
    {
        var tenant = await ChainAsync(450);

        var verdict = await VerifyAsync(tenant);

        Assert.Equal((null, 450, 0, 450), (verdict.Break, verdict.Checked, verdict.Pending, verdict.Head!.Position));
        Assert.Equal(
            Enumerable.Range(1, 450).Select(number => $"{number}|numbered.{number}"),
            await fixture.RowsAsync("SELECT position, action FROM audit_logs WHERE tenant_id = @tenant ORDER BY position", new { tenant }));
    }

    [Theory]
    [InlineData("changed", 3, "UPDATE audit_logs SET action = 'nothing' WHERE id = @third")]
    [InlineData("changed", 3, "UPDATE audit_logs SET details = '{}' WHERE id = @third")]
    [InlineData("changed", 3, "UPDATE audit_logs SET actor_id = NULL WHERE id = @third")]
    [InlineData("changed", 3, "UPDATE audit_logs SET created_at = created_at + INTERVAL 1 MICROSECOND WHERE id = @third")]
    [InlineData("changed", 6, "UPDATE audit_logs SET request_id = 'another' WHERE id = @last")]
    [InlineData("missing", 3, "DELETE FROM audit_logs WHERE id = @third")]
    [InlineData("missing", 1, "DELETE FROM audit_logs WHERE id = @first")]
    [InlineData("missing", 3, "UPDATE audit_logs SET position = NULL, hash = NULL, previous_hash = NULL WHERE id = @third")]
    [InlineData("missing", 3, "UPDATE audit_logs SET tenant_id = UUID() WHERE id = @third")]
    [InlineData("end", 6, "DELETE FROM audit_logs WHERE id = @last")]
    [InlineData("end", 5, "DELETE FROM audit_logs WHERE id IN (@last, @fifth)")]
    [InlineData("end", 1, "DELETE FROM audit_logs WHERE tenant_id = @tenant")]
    [InlineData("end", 5, "DELETE FROM audit_logs WHERE id = @last; UPDATE audit_chains c JOIN audit_logs a ON a.id = @fifth SET c.position = 5, c.last_id = a.id, c.hash = a.hash WHERE c.chain = @tenant")]
    [InlineData("inserted", 1, "DELETE FROM audit_chains WHERE chain = @tenant")]
    [InlineData("reordered", 3, "UPDATE audit_logs SET position = 9 WHERE id = @third; UPDATE audit_logs SET position = 3 WHERE id = @fourth; UPDATE audit_logs SET position = 4 WHERE id = @third")]
    [InlineData("inserted", 3, "INSERT INTO audit_logs (id, tenant_id, actor_type, action, details, created_at, position, previous_hash, hash) SELECT 'ffffffff-ffff-7fff-8fff-ffffffffffff', tenant_id, actor_type, 'forged', details, created_at, position, previous_hash, hash FROM audit_logs WHERE id = @third")]
    [InlineData("inserted", 7, "INSERT INTO audit_logs (id, tenant_id, actor_type, action, details, created_at, position, previous_hash, hash) SELECT 'ffffffff-ffff-7fff-8fff-fffffffffffe', tenant_id, actor_type, 'forged', details, created_at, 7, hash, hash FROM audit_logs WHERE id = @last")]
    [InlineData("inserted", 0, "INSERT INTO audit_logs (id, tenant_id, actor_type, action, details, created_at, position, previous_hash, hash) SELECT 'ffffffff-ffff-7fff-8fff-fffffffffffd', tenant_id, actor_type, 'forged', details, created_at, 0, previous_hash, hash FROM audit_logs WHERE id = @first")]
    public async Task What_is_done_to_the_log_in_the_database_is_found(string reason, long position, string deed)
    {
        var tenant = await ChainAsync(6);
        var ids = await IdsAsync(tenant);
        Assert.Null((await VerifyAsync(tenant)).Break);

        await fixture.ExecuteAsync(deed, new { tenant, first = ids[0], third = ids[2], fourth = ids[3], fifth = ids[4], last = ids[5] });

        var found = (await VerifyAsync(tenant)).Break!;
        Assert.Equal((reason, position), (found.Reason, found.Position));
        await fixture.ExecuteAsync("DELETE FROM audit_logs WHERE id LIKE 'ffffffff-%'");
    }

    [Fact]
    public async Task Whoever_computes_all_hashes_anew_behind_a_change_lacks_the_secret_of_the_seal()
    {
        var tenant = await ChainAsync(4);
        await fixture.ExecuteAsync("UPDATE audit_logs SET action = 'nothing' WHERE tenant_id = @tenant AND position = 2", new { tenant });
        await using (var connection = await fixture.Databases.Platform.OpenAsync(Cancellation))
        {
            var rows = (await Dapper.SqlMapper.QueryAsync<AuditEntry>(
                connection, $"SELECT {AuditEntry.Columns} FROM audit_logs WHERE tenant_id = @tenant ORDER BY position", new { tenant })).ToList();
            var previous = AuditHash.Origin;
            foreach (var row in rows)
            {
                var hash = AuditHash.Of(row, row.Position!.Value, previous);
                await fixture.ExecuteAsync("UPDATE audit_logs SET previous_hash = @previous, hash = @hash WHERE id = @Id", new { previous, hash, row.Id });
                previous = hash;
            }

            await fixture.ExecuteAsync("UPDATE audit_chains SET hash = @previous WHERE chain = @tenant", new { previous, tenant });
        }

        Assert.Equal(AuditBreak.End, (await VerifyAsync(tenant)).Break!.Reason);
    }

    [Fact]
    public async Task A_chain_that_was_cut_off_is_not_gone_on_with()
    {
        var tenant = await ChainAsync(4);
        await fixture.ExecuteAsync("DELETE FROM audit_logs WHERE tenant_id = @tenant AND position = 4", new { tenant });
        await WriteAsync(tenant, 5, 5);

        await Assert.ThrowsAsync<BrokenChainException>(() => Linker().LinkAsync(tenant, Cancellation));

        var verdict = await VerifyAsync(tenant);
        Assert.Equal((AuditBreak.End, 3L, 1L), (verdict.Break!.Reason, verdict.Checked, verdict.Pending));
    }

    [Fact]
    public async Task Fifty_who_write_at_once_while_three_link_make_one_whole_chain_for_each_tenant()
    {
        Guid[] tenants = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        using var over = new CancellationTokenSource();
        var linkers = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!over.IsCancellationRequested)
            {
                foreach (var tenant in tenants)
                {
                    await Linker().LinkAsync(tenant, Cancellation);
                }
            }
        })).ToList();

        await Task.WhenAll(Enumerable.Range(0, 50).Select(writer => Task.Run(async () =>
        {
            for (var i = 0; i < 6; i++)
            {
                await WriteAsync(tenants[(writer + i) % 2], i, i);
            }
        })));
        await Until.TrueAsync(async () => await UnlinkedAsync(tenants) == 0, "all entries are linked");
        await over.CancelAsync();
        await Task.WhenAll(linkers);

        foreach (var tenant in tenants)
        {
            var verdict = await VerifyAsync(tenant);
            Assert.Equal((null, 150, 0), (verdict.Break, verdict.Checked, verdict.Pending));
        }
    }

    [Fact]
    public async Task A_provisioner_killed_while_it_links_leaves_a_whole_chain_that_the_next_one_goes_on_with()
    {
        var tenant = Guid.CreateVersion7();
        await WriteAsync(tenant, 1, 3_000);
        await using (WorkerProcess.Start(fixture.Configuration()))
        {
            await Until.TrueAsync(async () => await UnlinkedAsync(tenant) < 3_000, "some entries are linked");
        }

        var killed = await VerifyAsync(tenant);
        Assert.Null(killed.Break);
        Assert.Equal(3_000, killed.Checked + killed.Pending);

        await LinkAllAsync(tenant);
        var verdict = await VerifyAsync(tenant);
        Assert.Equal((null, 3_000, 0), (verdict.Break, verdict.Checked, verdict.Pending));
    }

    [Fact]
    public async Task Who_holds_up_one_chain_holds_up_no_writer_and_no_other_chain()
    {
        var (held, free) = (await ChainAsync(2), Guid.CreateVersion7());
        await using var connection = await fixture.Databases.Platform.OpenAsync(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await Dapper.SqlMapper.ExecuteAsync(connection, "SELECT 1 FROM audit_chains WHERE chain = @held FOR UPDATE", new { held }, transaction);

        await WriteAsync(held, 3, 5);
        await WriteAsync(free, 1, 3);
        await LinkAllAsync(free);

        Assert.Equal(3, (await VerifyAsync(free)).Checked);
        Assert.Equal((2L, 3L), ((await VerifyAsync(held)).Checked, (await VerifyAsync(held)).Pending));
        await transaction.RollbackAsync(Cancellation);
        await LinkAllAsync(held);
        Assert.Equal(5, (await VerifyAsync(held)).Checked);
    }

    private async Task<Guid> ChainAsync(int entries)
    {
        var tenant = Guid.CreateVersion7();
        await WriteAsync(tenant, 1, entries);
        await LinkAllAsync(tenant);
        return tenant;
    }

    private async Task LinkAllAsync(Guid tenant)
    {
        var linker = Linker();
        while (await linker.LinkAsync(tenant, Cancellation) > 0)
        {
            // As many at a time as it takes.
        }
    }

    private async Task<IReadOnlyList<string>> IdsAsync(Guid tenant) =>
        [.. await fixture.RowsAsync("SELECT id FROM audit_logs WHERE tenant_id = @tenant ORDER BY position", new { tenant })];

    private Task<int> UnlinkedAsync(params Guid[] tenants) =>
        fixture.QueryAsync<int>("SELECT COUNT(*) FROM audit_logs WHERE position IS NULL AND tenant_id IN @tenants", new { tenants = tenants.Select(id => id.ToString()) });

    private Task WriteAsync(Guid tenant, int from, int to)
    {
        var log = new AuditLog(TimeProvider.System);
        var began = DateTimeOffset.UtcNow;
        return fixture.Databases.Platform.TransactAsync(
            (transaction, token) => log.WriteAsync(
                transaction,
                Enumerable.Range(from, to - from + 1).Select(number => new AuditEvent(string.Create(CultureInfo.InvariantCulture, $"numbered.{number}"), tenant)
                {
                    Id = Guid.CreateVersion7(began.AddMilliseconds(number)),
                    ActorType = "user",
                    ActorId = "someone",
                    RequestId = "a-request",
                    After = """{"name":"Zoë \"quoted\""}""",
                }),
                token),
            Cancellation);
    }

    private AuditSeal Seal() => new(Options.Create(fixture.Databases.Secrets));

    private AuditLinker Linker() => new(fixture.Databases.Platform, Seal(), TimeProvider.System);

    private Task<AuditVerdict> VerifyAsync(Guid tenant) => new AuditVerification(fixture.Databases.Platform, Seal()).VerifyAsync(tenant, Cancellation);
}
