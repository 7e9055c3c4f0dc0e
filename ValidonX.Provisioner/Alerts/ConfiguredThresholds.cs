using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Databases;

namespace ValidonX.Provisioner.Alerts;

/// <summary>Tells in the platform database which thresholds this provisioner judges by where nobody else says anything: whoever edits thresholds sees what holds, and cannot read this configuration.</summary>
internal sealed class ConfiguredThresholds(PlatformDatabase platform, IOptions<AlertOptions> options)
{
    /// <summary>Writes them; nothing is changed where they stand there already.</summary>
    public async Task TellAsync(CancellationToken cancellationToken)
    {
        var configured = options.Value;
        await using var connection = await platform.OpenAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO platform_alert_thresholds (id, noisy_percent, noisy_requests, error_percent, p95_ms, minimum_requests, queue_age_s, quota_percent)
            VALUES (1, @NoisyPercent, @NoisyRequests, @ErrorPercent, @P95Ms, @MinimumRequests, @QueueAgeS, @QuotaPercent)
            ON DUPLICATE KEY UPDATE
              noisy_percent = VALUES(noisy_percent), noisy_requests = VALUES(noisy_requests), error_percent = VALUES(error_percent), p95_ms = VALUES(p95_ms),
              minimum_requests = VALUES(minimum_requests), queue_age_s = VALUES(queue_age_s), quota_percent = VALUES(quota_percent)
            """,
            new
            {
                configured.NoisyPercent,
                configured.NoisyRequests,
                configured.ErrorPercent,
                configured.P95Ms,
                configured.MinimumRequests,
                configured.QueueAgeS,
                configured.QuotaPercent,
            },
            cancellationToken: cancellationToken));
    }
}
