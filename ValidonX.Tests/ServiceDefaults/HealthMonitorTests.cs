using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using ValidonX.ServiceDefaults;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.ServiceDefaults;

/// <summary>Health, as any service of the platform tells it.</summary>
public sealed class HealthMonitorTests
{
    private readonly int _detailsPort = FreePorts.Next();
    private int _looks;
    private volatile TaskCompletionSource<HealthCheckResult> _dependency = Answering(HealthCheckResult.Healthy());

    [Fact]
    public async Task Whoever_asks_is_answered_from_memory()
    {
        await using var service = await StartAsync(interval: "01:00:00");
        using var client = new HttpClient();
        await UntilAsync(client, service, HttpStatusCode.OK);

        for (var i = 0; i < 200; i++)
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(client, service));
        }

        Assert.Equal(1, Volatile.Read(ref _looks));
    }

    [Fact]
    public async Task What_went_away_and_came_back_is_told_without_being_asked_about()
    {
        await using var service = await StartAsync(interval: "00:00:00.05");
        using var client = new HttpClient();
        await UntilAsync(client, service, HttpStatusCode.OK);

        _dependency = Answering(HealthCheckResult.Unhealthy("It went away."));
        await UntilAsync(client, service, HttpStatusCode.ServiceUnavailable);

        _dependency = Answering(HealthCheckResult.Healthy());
        await UntilAsync(client, service, HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_look_that_does_not_end_makes_the_service_not_ready()
    {
        await using var service = await StartAsync(interval: "00:00:00.05", timeout: "00:00:00.2");
        using var client = new HttpClient();
        await UntilAsync(client, service, HttpStatusCode.OK);

        _dependency = new TaskCompletionSource<HealthCheckResult>();

        await UntilAsync(client, service, HttpStatusCode.ServiceUnavailable);
        _dependency.SetResult(HealthCheckResult.Healthy());
        await UntilAsync(client, service, HttpStatusCode.OK);
    }

    [Fact]
    public async Task Strangers_learn_whether_it_is_ready_and_operators_what_is_wrong()
    {
        _dependency = Answering(HealthCheckResult.Unhealthy("It went away."));
        await using var service = await StartAsync(interval: "00:00:00.05");
        using var client = new HttpClient();
        await Until.TrueAsync(async () => (await TextAsync(client, new Uri($"http://127.0.0.1:{_detailsPort}/health"))).Contains("It went away.", StringComparison.Ordinal));

        Assert.Equal("{\"status\":\"unhealthy\"}", await TextAsync(client, new Uri(AddressOf(service), "/health")));
        Assert.Equal("{\"status\":\"healthy\"}", await TextAsync(client, new Uri(AddressOf(service), "/alive")));
    }

    private static TaskCompletionSource<HealthCheckResult> Answering(HealthCheckResult result)
    {
        var answered = new TaskCompletionSource<HealthCheckResult>();
        answered.SetResult(result);
        return answered;
    }

    private static Uri AddressOf(WebApplication service) =>
        new(service.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, WebApplication service)
    {
        using var answer = await client.GetAsync(new Uri(AddressOf(service), "/health"), TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }

    private static async Task<string> TextAsync(HttpClient client, Uri address)
    {
        using var answer = await client.GetAsync(address, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static Task UntilAsync(HttpClient client, WebApplication service, HttpStatusCode status) =>
        Until.TrueAsync(async () => await StatusAsync(client, service) == status, $"health answers {status}");

    private async Task<WebApplication> StartAsync(string interval, string timeout = "00:00:05")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Health:Interval"] = interval,
            ["Health:Timeout"] = timeout,
            ["Health:DetailsPort"] = $"{_detailsPort}",
            ["Shutdown:DrainTime"] = "00:00:00",
        });
        builder.WebHost.UseUrls("http://127.0.0.1:0", $"http://127.0.0.1:{_detailsPort}");
        builder.AddServiceDefaults();
        builder.Services.AddHealthChecks().AddAsyncCheck("dependency", () =>
        {
            Interlocked.Increment(ref _looks);
            return _dependency.Task;
        });
        var service = builder.Build();
        service.MapDefaultEndpoints(isPublic: true);
        await service.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }
}
