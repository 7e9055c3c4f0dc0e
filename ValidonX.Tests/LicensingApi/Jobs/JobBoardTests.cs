using Microsoft.Extensions.Options;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;

namespace ValidonX.Tests.LicensingApi.Jobs;

/// <summary><c>/v1/admin/jobs</c>: operators see work in the background, end it and have it tried again.</summary>
[Collection(LicensingCollection.Name)]
public sealed class JobBoardTests(LicensingPlatform platform)
{
    private const string Path = "/v1/admin/jobs";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_waiting_job_is_canceled_and_tried_again_and_both_are_recorded()
    {
        var tenant = await platform.CreateTenantAsync();
        var id = await EnqueueAsync(tenant.Id);

        var canceled = (await platform.Operator().PostAsync($"{Path}/{id}/cancel")).ShouldBe(200).Data["job"]!;
        Assert.Equal(("canceled", "An operator has canceled it."), ((string)canceled["status"]!, (string)canceled["error"]!));
        (await platform.Operator().PostAsync($"{Path}/{id}/cancel")).ShouldBe(200);
        var retried = (await platform.Operator().PostAsync($"{Path}/{id}/retry")).ShouldBe(200).Data["job"]!;
        Assert.Equal(("pending", 0), ((string)retried["status"]!, (int)retried["attempts"]!));
        Assert.NotNull(retried["due_at"]);
        (await platform.Operator().PostAsync($"{Path}/{id}/retry")).ShouldBe(409, "RESOURCE.CONFLICT");

        var entries = (await platform.Operator().GetAsync($"/v1/admin/audit-logs?target={id}")).ShouldBe(200).Data.AsArray();
        Assert.Equal(["job.retried", "job.canceled"], entries.Select(entry => (string?)entry!["action"]));
        Assert.Equal(("canceled", "pending"), ((string)entries[0]!["before"]!["status"]!, (string)entries[0]!["after"]!["status"]!));
        Assert.Equal(tenant.Id.ToString(), (string?)entries[0]!["tenant_id"]);
    }

    [Fact]
    public async Task A_worker_whose_job_is_canceled_has_no_lease_any_more_and_a_retried_one_is_claimed()
    {
        var tenant = await platform.CreateTenantAsync();
        var id = await EnqueueAsync(tenant.Id);
        var queue = new JobQueue(platform.Databases.Platform, Options.Create(new JobOptions()));
        var job = await ClaimAsync(queue, id, "first");

        (await platform.Operator().PostAsync($"{Path}/{id}/cancel")).ShouldBe(200);
        Assert.False(await queue.RenewAsync(job, "first", Cancellation));
        (await platform.Operator().PostAsync($"{Path}/{id}/retry")).ShouldBe(200);

        Assert.Equal(1, (await ClaimAsync(queue, id, "second")).Attempt);
        Assert.False(await queue.RenewAsync(job, "first", Cancellation));
        (await platform.Operator().PostAsync($"{Path}/{id}/cancel")).ShouldBe(200);
    }

    [Fact]
    public async Task A_canceled_provisioning_fails_its_run_and_is_resumed_by_a_job_of_its_own()
    {
        var tenant = await platform.CreateTenantAsync();
        var runs = new ProvisioningRuns(platform.Databases.Platform, TimeProvider.System);
        await platform.Databases.Platform.TransactAsync((transaction, token) => runs.BeginAsync(transaction, tenant.Id, token), Cancellation);
        var id = (string)(await platform.Operator().GetAsync($"{Path}?tenant_id={tenant.Id}&kind={ProvisioningJob.Kind}")).ShouldBe(200).Data[0]!["id"]!;

        (await platform.Operator().PostAsync($"{Path}/{id}/cancel")).ShouldBe(200);
        Assert.Equal(RunStatus.Failed, (await runs.FindAsync(tenant.Id, Cancellation))!.Status);
        var next = (await platform.Operator().PostAsync($"{Path}/{id}/retry")).ShouldBe(200).Data["job"]!;

        Assert.NotEqual(id, (string?)next["id"]);
        Assert.Equal("pending", (string?)next["status"]);
        Assert.Equal(RunStatus.Pending, (await runs.FindAsync(tenant.Id, Cancellation))!.Status);
        (await platform.Operator().PostAsync($"{Path}/{id}/retry")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await platform.Operator().PostAsync($"{Path}/{(string?)next["id"]}/cancel")).ShouldBe(200);
    }

    [Fact]
    public async Task Jobs_are_found_by_tenant_kind_and_status_page_by_page()
    {
        var tenant = await platform.CreateTenantAsync();
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await EnqueueAsync(tenant.Id)).ToString());
        }

        (await platform.Operator().PostAsync($"{Path}/{ids[2]}/cancel")).ShouldBe(200);
        Assert.Equal(ids[2], (string?)Assert.Single((await platform.Operator().GetAsync($"{Path}?tenant_id={tenant.Id}&status=canceled")).ShouldBe(200).Data.AsArray())!["id"]);
        Assert.Empty((await platform.Operator().GetAsync($"{Path}?tenant_id={tenant.Id}&kind=other")).ShouldBe(200).Data.AsArray());
        var first = (await platform.Operator().GetAsync($"{Path}?tenant_id={tenant.Id}&limit=3")).ShouldBe(200);
        var second = (await platform.Operator().GetAsync($"{Path}?tenant_id={tenant.Id}&limit=3&cursor={(string?)first.Meta["next_cursor"]}")).ShouldBe(200);
        Assert.Equal(ids.OrderDescending(StringComparer.Ordinal), first.Data.AsArray().Concat(second.Data.AsArray()).Select(job => (string)job!["id"]!));
        Assert.Equal(tenant.Slug, (string?)first.Data[0]!["tenant_slug"]);
        (await platform.Operator().GetAsync($"{Path}?status=lost&tenant_id=x")).ShouldBe(422, "VALIDATION.FAILED");
        foreach (var nothing in (string[])[Guid.NewGuid().ToString(), "nonsense"])
        {
            (await platform.Operator().GetAsync($"{Path}/{nothing}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
            (await platform.Operator().PostAsync($"{Path}/{nothing}/retry")).ShouldBe(404, "RESOURCE.NOT_FOUND");
            (await platform.Operator().PostAsync($"{Path}/{nothing}/cancel")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        }

        (await tenant.Owner.GetAsync(Path)).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        foreach (var id in ids)
        {
            await platform.Operator().PostAsync($"{Path}/{id}/cancel");
        }
    }

    /// <summary>Other tests leave jobs that are due, too.</summary>
    private static async Task<Job> ClaimAsync(JobQueue queue, Guid id, string owner)
    {
        while (true)
        {
            var job = await queue.ClaimAsync(owner, Cancellation);
            Assert.NotNull(job);
            if (job.Id == id)
            {
                return job;
            }
        }
    }

    private Task<Guid> EnqueueAsync(Guid tenant) =>
        platform.Databases.Platform.TransactAsync((transaction, token) => JobQueue.EnqueueAsync(transaction, tenant, "of-the-test", "{}", 3, token), Cancellation);
}
