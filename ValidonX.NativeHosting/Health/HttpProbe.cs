using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Health;

/// <summary>Asks a service over HTTP.</summary>
internal sealed class HttpProbe(string name, Uri address, int expectedStatus, Func<HttpClient> client) : IReadinessProbe
{
    /// <summary>The named client: no redirects, no connection kept.</summary>
    public const string ClientName = "readiness";

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    public string Name { get; } = name;

    public async Task<HealthCheckResult> CheckAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Timeout);
        try
        {
            using var http = client();
            using var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            return (int)response.StatusCode == expectedStatus
                ? HealthCheckResult.Healthy()
                : HealthCheckResult.Unhealthy($"{address} answered {(int)response.StatusCode} instead of {expectedStatus}.");
        }
        catch (Exception exception) when (exception is HttpRequestException
            || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return HealthCheckResult.Unhealthy($"{address}: {exception.Message}");
        }
    }
}
