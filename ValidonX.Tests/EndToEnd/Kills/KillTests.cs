using System.Globalization;
using ValidonX.Tests.Provisioner.Webhooks;

namespace ValidonX.Tests.EndToEnd.Kills;

/// <summary>
/// <c>kill -9</c> of licensing APIs and workers at random instants, while a tenant's clients meter, send batches, activate devices, import and change licenses by the thousand, and repeat what has no answer. Then
/// everything is there once, and was told once to the tenant's receiver. <c>VALIDONX_KILLS=100</c> kills a hundred times.
/// </summary>
public sealed class KillTests
{
    private const string Switch = "VALIDONX_KILLS";
    private const int Usual = 5;

    [Fact]
    public async Task Whoever_is_killed_whenever_nothing_is_lost_and_nothing_is_there_twice()
    {
        var kills = int.TryParse(Environment.GetEnvironmentVariable(Switch), CultureInfo.InvariantCulture, out var asked) ? asked : Usual;
        await using var stack = await Stack.StartAsync(gateways: 2, licensingApis: 2, provisioners: 2, databaseServers: 1);
        var tenant = await stack.CreateTenantAsync("enterprise");
        (await stack.Operator.PutAsync(
            $"/v1/admin/tenants/{tenant.Id}/rate-limits",
            new { key = new { requests = 1_000_000, period_seconds = 60 }, endpoint = new { usage = 1_000_000, activations = 1_000_000 } })).ShouldBe(200);
        var license = await tenant.CreateLicenseAsync(new { entitlements = new Dictionary<string, object> { ["jobs"] = 1_000_000_000, ["activations.max"] = 1_000_000 } });
        await using var receiver = await Receiver.StartAsync();
        (await tenant.Owner.PostAsync("/v1/tenant/webhooks", new { url = receiver.Url, events = (string[])["activation.created"] })).ShouldBe(201);
        var seed = Random.Shared.Next();
        var victims = new Victims(stack, new Random(seed));
        var work = new Work(stack, tenant, license.Key, receiver);
        using var stop = new CancellationTokenSource();
        var working = work.RunAsync(stop.Token);
        try
        {
            for (var kill = 0; kill < kills && !working.IsFaulted; kill++)
            {
                await victims.KillOneAsync();
            }
        }
        finally
        {
            await stop.CancelAsync();
            await working;
        }

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Seed {seed}: {string.Join(", ", victims.Killed.Select(one => $"{one.Key} {one.Value}"))}. Answered {work.Calls} calls, {work.Repeated} were sent again. Used {work.Used}, devices {work.Activated}, licenses {work.Created}, imports {work.Imports}, changes {work.Changes} of {work.Suspended} licenses."));
        await work.AssertNothingLostAndNothingTwiceAsync();
    }
}
