using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;

namespace ValidonX.LicensingApi.Metrics;

/// <summary>Reads how long sign-ups took.</summary>
internal sealed class ReadProvisioningTimes(PlatformDatabase platform)
{
    private const int Newest = 500;

    /// <summary>Reads it. Ids of runs are in the order of their beginning, so that the newest ones are found by the primary key, whatever there is.</summary>
    public async Task<ProvisioningTimes> ExecuteAsync(CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var runs = (await connection.QueryAsync<Run>(new CommandDefinition(
            $"SELECT id, status, created_at, finished_at FROM provisioning_runs ORDER BY id DESC LIMIT {Newest}", cancellationToken: cancellationToken))).AsList();
        var stages = runs.Count == 0
            ? []
            : (await connection.QueryAsync<Stage>(new CommandDefinition(
                "SELECT number, status, attempts, duration_ms FROM provisioning_stages WHERE run_id >= @oldest",
                new { oldest = runs[^1].Id.ToString() },
                cancellationToken: cancellationToken))).AsList();

        double[] took = [.. runs.Where(run => run.Status == RunStatus.Succeeded).Select(run => run.Took).OfType<double>().Order()];
        var ofStage = stages.ToLookup(stage => stage.Number);
        return new ProvisioningTimes(
            runs.Count,
            runs.Count == 0 ? null : runs[^1].CreatedAt,
            runs.Count(run => run.Status == RunStatus.Succeeded),
            runs.Count(run => run.Status == RunStatus.Failed),
            runs.Count(run => run.Status is RunStatus.Pending or RunStatus.Running),
            Share(took, 0.5),
            Share(took, 0.95),
            Share(took, 1),
            [.. ProvisioningStages.InOrder.Select((name, index) => Times(index + 1, name, [.. ofStage[index + 1]]))]);
    }

    private static StageTimes Times(int number, string name, IReadOnlyCollection<Stage> stages)
    {
        double[] took = [.. stages.Where(stage => stage.Status == RunStatus.Succeeded).Select(stage => stage.DurationMs).OfType<double>().Order()];
        return new StageTimes(number, name, Share(took, 0.5), Share(took, 0.95), stages.Count(stage => stage.Attempts > 1));
    }

    /// <summary>The value that a share of them stays at or below (nearest rank).</summary>
    private static double? Share(double[] ascending, double share) =>
        ascending.Length == 0 ? null : Math.Round(ascending[(int)Math.Ceiling(share * ascending.Length) - 1], 1);

    private sealed record Run
    {
        public Guid Id { get; init; }

        public string Status { get; init; } = "";

        public DateTimeOffset CreatedAt { get; init; }

        public DateTimeOffset? FinishedAt { get; init; }

        public double? Took => FinishedAt is { } end ? (end - CreatedAt).TotalMilliseconds : null;
    }

    private sealed record Stage
    {
        public int Number { get; init; }

        public string Status { get; init; } = "";

        public int Attempts { get; init; }

        public double? DurationMs { get; init; }
    }
}
