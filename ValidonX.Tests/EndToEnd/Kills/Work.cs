using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using ValidonX.Tests.LicensingApi.Bulk;
using ValidonX.Tests.Provisioner.Webhooks;

namespace ValidonX.Tests.EndToEnd.Kills;

/// <summary>What clients of one tenant do meanwhile, and what they have been answered.</summary>
internal sealed class Work(Stack stack, TestTenant tenant, string licenseKey, Receiver receiver)
{
    private const int BatchSize = 20;
    private const int ImportRows = 1_500;

    private long _used;
    private long _created;
    private long _suspended;
    private long _imports;
    private long _changes;
    private long _activated;
    private long _calls;
    private long _repeated;

    /// <summary>What was reported of usage and answered.</summary>
    public long Used => Interlocked.Read(ref _used);

    /// <summary>Licenses that were made, one by one and by imports.</summary>
    public long Created => Interlocked.Read(ref _created);

    /// <summary>Licenses that were suspended, all by changes of many.</summary>
    public long Suspended => Interlocked.Read(ref _suspended);

    /// <summary>Imports that were answered.</summary>
    public long Imports => Interlocked.Read(ref _imports);

    /// <summary>Changes of many that have ended.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    /// <summary>Devices that were activated.</summary>
    public long Activated => Interlocked.Read(ref _activated);

    /// <summary>Calls that had no answer and were sent again.</summary>
    public long Repeated => Interlocked.Read(ref _repeated);

    /// <summary>Calls that were answered.</summary>
    public long Calls => Interlocked.Read(ref _calls);

    /// <summary>Works until told to stop; then everybody ends what is begun.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(
        [
            .. Enumerable.Range(0, 4).Select(app => LoopAsync($"record-{app}", RecordAsync, stop)),
            .. Enumerable.Range(0, 2).Select(app => LoopAsync($"batch-{app}", BatchAsync, stop)),
            LoopAsync("single", CreateAsync, stop),
            LoopAsync("device", ActivateAsync, stop),
            .. Enumerable.Range(0, 2).Select(app => LoopAsync($"IMPORT{app}", ImportAndSuspendAsync, stop)),
        ]);

    private static async Task LoopAsync(string name, Func<string, int, Task> once, CancellationToken stop)
    {
        for (var number = 0; !stop.IsCancellationRequested; number++)
        {
            await once(string.Create(CultureInfo.InvariantCulture, $"{name}-{number:D6}"), number);
        }
    }

    private async Task RecordAsync(string name, int number)
    {
        (await AnswerAsync(() => tenant.Apps[number % tenant.Apps.Count].PostAsync(
            "/v1/integration/usage/record", new { license_key = licenseKey, metric = "jobs", quantity = 3 }, ("Idempotency-Key", name)))).ShouldBe(202);
        Interlocked.Add(ref _used, 3);
    }

    private async Task BatchAsync(string name, int number)
    {
        object[] events = [.. Enumerable.Range(0, BatchSize).Select(i => new { license_key = licenseKey, metric = "jobs", quantity = 1, idempotency_key = $"{name}-{i}" })];
        var answer = (await AnswerAsync(() => tenant.Apps[number % tenant.Apps.Count].PostAsync("/v1/integration/usage/batch", new { events }))).ShouldBe(200);
        Assert.Equal(BatchSize, (int)answer.Data["accepted"]! + (int)answer.Data["duplicates"]!);
        Interlocked.Add(ref _used, BatchSize);
    }

    private async Task CreateAsync(string name, int number)
    {
        (await AnswerAsync(() => tenant.Owner.PostAsync("/v1/tenant/licenses", new { type = "trial" }, ("Idempotency-Key", name)))).ShouldBe(201);
        Interlocked.Increment(ref _created);
    }

    private async Task ActivateAsync(string name, int number)
    {
        // 200 where the call before it has activated the device and was not answered.
        Assert.True((await AnswerAsync(() => tenant.Apps[number % tenant.Apps.Count].ActivateAsync(licenseKey, name))).Status is 200 or 201);
        Interlocked.Increment(ref _activated);
    }

    private async Task ImportAndSuspendAsync(string name, int number)
    {
        var file = Encoding.UTF8.GetBytes(Upload.LinesOf(ImportRows, name));
        var import = (await AnswerAsync(() => tenant.Owner.SendAsync(HttpMethod.Post, Upload.Path, Content(file), ("Idempotency-Key", name)))).ShouldBe(202).Import();
        Assert.Equal(("completed", (long)ImportRows, (long)ImportRows, 0L), (import.Status, import.Rows, import.Created, import.Failed));
        Interlocked.Add(ref _created, ImportRows);
        Interlocked.Increment(ref _imports);

        var change = (await AnswerAsync(() => tenant.Owner.PostAsync(
            "/v1/tenant/licenses/bulk", new { action = "suspend", filter = new { search = name, status = "active" } }, ("Idempotency-Key", $"{name}-suspend")))).ShouldBe(202);
        var id = (string)change.Data["job"]!["id"]!;
        var ended = change.Data["job"]!;
        await Until.TrueAsync(
            async () => (string?)(ended = (await AnswerAsync(() => tenant.Owner.GetAsync($"/v1/tenant/licenses/bulk/{id}"))).ShouldBe(200).Data["job"]!)["status"] is "succeeded" or "failed",
            () => $"the change ends; it is {ended}",
            Until.StartPatience);
        Assert.Equal(("succeeded", (long)ImportRows, 0L), ((string)ended["status"]!, (long)ended["done"]!, (long)ended["failed"]!));
        Interlocked.Add(ref _suspended, ImportRows);
        Interlocked.Increment(ref _changes);
    }

    private async Task<Answer> AnswerAsync(Func<Task<Answer>> call)
    {
        var (answer, calls) = await Persistence.AgainAsync(call);
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _repeated, calls - 1);
        return answer;
    }

    private static ByteArrayContent Content(byte[] file)
    {
        var content = new ByteArrayContent(file);
        content.Headers.ContentType = new MediaTypeHeaderValue(Upload.Lines);
        return content;
    }

    /// <summary>The tenant's usage, licenses and entries of the audit log, by the API.</summary>
    public async Task AssertNothingLostAndNothingTwiceAsync()
    {
        Assert.Empty((await tenant.Owner.PostAsync("/v1/tenant/usage/reconcile")).ShouldBe(200).Data["differences"]!.AsArray());
        var months = (await tenant.Owner.GetAsync("/v1/tenant/usage/snapshots?bucket=month&metric=jobs")).ShouldBe(200).Data.AsArray();
        Assert.Equal(Used, months.Sum(month => (long)month!["used"]!));

        var licenses = await LinesAsync("/v1/tenant/licenses/export?format=ndjson", "key");
        // The one that usage is reported of was there before.
        Assert.Equal((Created + 1, Created + 1), (licenses.Count, licenses.Distinct(StringComparer.Ordinal).Count()));
        Assert.Equal(Suspended, (await LinesAsync("/v1/tenant/licenses/export?format=ndjson&status=suspended", "key")).Count);

        // At the receiving end: deliveries may be repeated, under the same id, and each device is told of under one.
        List<Received> told = [];
        await Until.TrueAsync(
            () => (told = [.. receiver.Of("activation.created").DistinctBy(one => one.Id)]).Count >= Activated, () => $"{Activated} webhooks arrive; it is {told.Count}", Until.StartPatience);
        Assert.Equal((Activated, Activated), (told.Count, told.Select(one => (string)one.Json["data"]!["activation"]!["instance_id"]!).Distinct(StringComparer.Ordinal).Count()));

        await AssertToldOnceAsync("activation.created", Activated);
        await AssertToldOnceAsync("license.created", Created + 1);
        await AssertToldOnceAsync("license.suspended", Suspended);
        await AssertToldOnceAsync("licenses.imported", Imports);
        await AssertToldOnceAsync("licenses.bulk_requested", Changes);
        await AssertToldOnceAsync("licenses.bulk_changed", Changes);
        Assert.True((bool)(await tenant.Owner.PostAsync("/v1/tenant/audit-logs/verify")).ShouldBe(200).Data["valid"]!);
    }

    private async Task AssertToldOnceAsync(string action, long count)
    {
        List<string> about = [];
        await Until.TrueAsync(
            async () => (about = await LinesAsync($"/v1/tenant/audit-logs/export?format=ndjson&action={action}", "target", "id")).Count >= count,
            () => $"{action} is told {count} times; it is {about.Count} times",
            Until.StartPatience);
        Assert.Equal((count, count), (about.Count, about.Distinct(StringComparer.Ordinal).Count()));
    }

    private async Task<List<string>> LinesAsync(string path, params string[] member)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tenant.BearerToken);
        using var response = await stack.Gateways[0].SendAsync(request);
        Assert.True(response.IsSuccessStatusCode, $"{path}: {response.StatusCode}");
        return
        [
            .. (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => (string)member.Aggregate(System.Text.Json.Nodes.JsonNode.Parse(line)!, (node, name) => node[name]!)!),
        ];
    }
}
