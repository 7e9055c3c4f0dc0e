using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace ValidonX.AppHost.Running;

/// <summary>
/// Lets a health check that fails ask again for a moment. Aspire asks a resource that starts after 1, 2, 3, 4, 5 seconds, so each resource in
/// turn would be found healthy seconds after it is; and its proxy accepts a connection before the process behind it listens, and holds it.
/// </summary>
internal sealed class PatientHealthChecks(IHealthCheck inner) : IHealthCheck
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FirstAttempt = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var waited = Stopwatch.StartNew();
        // Every attempt is given longer than the one before, so that a slow answer is one too. Failures at once are many: it must not grow without end.
        for (var limit = FirstAttempt; ; limit = limit < Patience ? limit * 1.5 : limit)
        {
            var result = await AttemptAsync(context, limit, cancellationToken);
            if (result.Status == HealthStatus.Healthy || waited.Elapsed > Patience)
                return result;

            await Task.Delay(Pause, cancellationToken);
        }
    }

    private async Task<HealthCheckResult> AttemptAsync(HealthCheckContext context, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        attempt.CancelAfter(limit);
        try
        {
            return await inner.CheckHealthAsync(context, attempt.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(context.Registration.FailureStatus, $"No answer within {limit.TotalSeconds:0.0} s.");
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            return new(context.Registration.FailureStatus, failure.Message);
        }
    }
}

/// <summary>Makes all health checks of a stack patient.</summary>
internal static class PatientHealthCheckRegistration
{
    public static IDistributedApplicationBuilder AddPatientHealthChecks(this IDistributedApplicationBuilder builder)
    {
        builder.Services.PostConfigure<HealthCheckServiceOptions>(options =>
        {
            foreach (var registration in options.Registrations)
            {
                var make = registration.Factory;
                registration.Factory = services => new PatientHealthChecks(make(services));
            }
        });
        return builder;
    }
}
