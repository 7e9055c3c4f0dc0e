using Microsoft.Extensions.Diagnostics.HealthChecks;
using ValidonX.AppHost.Running;

namespace ValidonX.Tests.AppHost.Running;

/// <summary>How a stack's health checks wait for what starts slowly.</summary>
public sealed class PatientHealthChecksTests
{
    [Fact]
    public async Task What_refuses_at_once_for_longer_than_the_patience_is_unhealthy_and_no_mistake_of_ours()
    {
        var refusing = new Refusing();

        var result = await new PatientHealthChecks(refusing).CheckHealthAsync(Context(refusing), TestContext.Current.CancellationToken);

        Assert.Equal((HealthStatus.Unhealthy, "refused"), (result.Status, result.Description));
        Assert.InRange(refusing.Attempts, 2, int.MaxValue);
    }

    [Fact]
    public async Task What_comes_up_meanwhile_is_healthy()
    {
        var refusing = new Refusing { Until = 3 };

        var result = await new PatientHealthChecks(refusing).CheckHealthAsync(Context(refusing), TestContext.Current.CancellationToken);

        Assert.Equal((HealthStatus.Healthy, 3), (result.Status, refusing.Attempts));
    }

    private static HealthCheckContext Context(IHealthCheck check) => new() { Registration = new HealthCheckRegistration("it", check, HealthStatus.Unhealthy, tags: null) };

    private sealed class Refusing : IHealthCheck
    {
        public int Attempts { get; private set; }

        public int Until { get; init; } = int.MaxValue;

        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            ++Attempts < Until ? throw new HttpRequestException("refused") : Task.FromResult(HealthCheckResult.Healthy());
    }
}
