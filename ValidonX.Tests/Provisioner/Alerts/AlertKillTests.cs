namespace ValidonX.Tests.Provisioner.Alerts;

/// <summary>The guarantee: whoever is killed while alerts are opened, each is opened once, with its record and its mail.</summary>
public sealed class AlertKillTests(ProvisioningFixture fixture) : IClassFixture<ProvisioningFixture>
{
    private const int AtOnce = 100;
    private const int Kills = 3;

    private readonly string _mailTo = $"operators-{Guid.NewGuid():N}@validonx.example";

    [Fact]
    public async Task A_provisioner_that_is_killed_while_it_opens_alerts_leaves_each_to_be_opened_once()
    {
        var (random, failed, interrupted) = (new Random(20261127), 0, 0);
        while (interrupted < Kills)
        {
            // A fast worker may have opened all of them before it was killed: then there are more.
            if (await OpenedAsync() == failed)
            {
                await FailAsync(AtOnce);
                failed += AtOnce;
            }

            var enough = await OpenedAsync() + random.Next(1, AtOnce / 4);
            await using (var worker = Start())
            {
                await Until.TrueAsync(async () => await OpenedAsync() >= Math.Min(enough, failed), () => $"alerts are opened; the worker has written: {worker.Output}");
            }

            interrupted += await OpenedAsync() < failed ? 1 : 0;
        }

        await using (var last = Start())
        {
            await Until.TrueAsync(async () => await OpenedAsync() >= failed, () => $"all alerts are opened; the worker has written: {last.Output}");
        }

        Assert.Equal(failed, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM alerts WHERE kind = 'provisioning_failed' AND status = 'open'"));
        Assert.Equal(failed, await fixture.QueryAsync<int>("SELECT COUNT(DISTINCT tenant_id) FROM alerts"));
        Assert.Equal(failed, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM audit_logs WHERE action = 'alert.opened'"));
        Assert.Equal(failed, await fixture.QueryAsync<int>("SELECT COUNT(*) FROM outbox_mails WHERE recipient = @_mailTo", new { _mailTo }));
    }

    private WorkerProcess Start() =>
        WorkerProcess.Start(fixture.Configuration(("Alerts:Interval", "00:00:00.200"), ("Alerts:MailTo", _mailTo), ("Alerts:MailsAnHour", "10000")));

    private Task<int> OpenedAsync() => fixture.QueryAsync<int>("SELECT COUNT(*) FROM alerts");

    /// <summary>Tenants whose provisioning has failed.</summary>
    private async Task FailAsync(int count)
    {
        foreach (var id in Enumerable.Range(0, count).Select(_ => Guid.CreateVersion7()))
        {
            await fixture.ExecuteAsync(
                """
                INSERT INTO tenants (id, name, slug, status, plan_code, region, created_at, updated_at)
                VALUES (@id, 'Failed', @slug, 'provisioning', 'starter', 'local', UTC_TIMESTAMP(6), UTC_TIMESTAMP(6));
                INSERT INTO provisioning_runs (id, tenant_id, status, created_at) VALUES (UUID(), @id, 'failed', UTC_TIMESTAMP(6))
                """,
                new { id, slug = $"f-{id:N}"[..30] });
        }
    }
}
