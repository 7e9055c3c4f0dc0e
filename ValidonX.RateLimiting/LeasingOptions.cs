using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace ValidonX.RateLimiting;

/// <summary>How this gateway leases its share of every quota. Bound from the configuration section <c>RateLimiting:Leasing</c>.</summary>
internal sealed record LeasingOptions
{
    public const string Section = "RateLimiting:Leasing";

    private const int MaximumNameLength = 64;

    /// <summary>
    /// Names this gateway among its replicas: letters, digits, <c>. _ : -</c>, at most 64. Unique among the running ones and the same
    /// after a restart; a replica that comes back under a new name leaves its old share withheld for <see cref="ForgetAfter"/>. Without one
    /// it is the machine's name; a second gateway on the machine then finds it taken and goes on under a name of its own, which a restart
    /// does not keep.
    /// </summary>
    public string ReplicaId { get; set; } = "";

    /// <summary>
    /// How many gateways run at most. It bounds what a gateway that has never reached Redis may spend (quota ÷ this), and is the
    /// least count by which quotas are divided.
    /// </summary>
    public int Replicas { get; init; } = 1;

    /// <summary>How long a call to Redis may take before Redis counts as away. The one wait a request can ever meet.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromMilliseconds(120);

    /// <summary>Between two attempts to reach a Redis that is away.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How much demand a lease is meant to cover.</summary>
    public TimeSpan LeaseHorizon { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>At most this part of a quota, divided by the replicas, is leased ahead of demand. 0.001–0.05.</summary>
    public double LargestLease { get; init; } = 0.03;

    /// <summary>A partition that admitted nothing for this long gives its unspent lease back.</summary>
    public TimeSpan IdleAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How soon a window that was found exhausted is looked at again while other replicas hold units of it.</summary>
    public TimeSpan RecheckInterval { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long an empty Redis waits for gateways that remember before it believes that there are none.</summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromMilliseconds(1500);

    /// <summary>After this long without a sign of life a replica's share is no longer withheld for it.</summary>
    public TimeSpan ForgetAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How far two clocks may drift apart, as a fraction of the time since they were last compared.</summary>
    public double ClockDrift { get; init; } = 0.0002;

    /// <summary>Where the uncertainty about Redis's clock stops growing, because hosts keep time by NTP.</summary>
    public TimeSpan LargestClockUncertainty { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// Whether a gateway that starts while Redis is away may assume that no earlier incarnation has spent its share of the
    /// current window. True keeps it serving; false is exact, and refuses until Redis is reached.
    /// </summary>
    public bool ServeBeforeFirstContact { get; init; } = true;

    /// <summary>How often what was spent of monthly quotas is written to the monthly store: the most that a crash can forget.</summary>
    public TimeSpan MonthlyFlushInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The name of a gateway on a machine of this name: what is not allowed in it becomes a hyphen.</summary>
    public static string NameOf(string machine) =>
        string.Concat(machine.Take(MaximumNameLength).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or ':' ? c : '-'));
}

/// <summary>Reports every bad option at once.</summary>
internal sealed partial class LeasingOptionsValidator : IValidateOptions<LeasingOptions>
{
    public ValidateOptionsResult Validate(string? name, LeasingOptions options)
    {
        List<string> errors = [];
        void Require(bool condition, string rule)
        {
            if (!condition) errors.Add($"{LeasingOptions.Section}: {rule}");
        }

        Require(ReplicaIdPattern().IsMatch(options.ReplicaId), "ReplicaId must be 1 to 64 of letters, digits, '.', '_', ':' and '-'.");
        Require(options.Replicas is >= 1 and <= 1000, "Replicas must be 1 to 1000.");
        Require(Between(options.CallTimeout, 1, 2000), "CallTimeout must be 1 ms to 2 s.");
        Require(Between(options.ProbeInterval, 10, 10_000), "ProbeInterval must be 10 ms to 10 s.");
        Require(Between(options.LeaseHorizon, 100, 10_000), "LeaseHorizon must be 100 ms to 10 s.");
        Require(options.LargestLease is >= 0.001 and <= 0.05, "LargestLease must be 0.001 to 0.05.");
        Require(Between(options.IdleAfter, 250, 60_000), "IdleAfter must be 250 ms to 60 s.");
        Require(Between(options.RecheckInterval, 50, 5_000), "RecheckInterval must be 50 ms to 5 s.");
        Require(Between(options.SettleTime, 1000, 30_000), "SettleTime must be 1 s to 30 s.");
        Require(Between(options.ForgetAfter, 10_000, 86_400_000), "ForgetAfter must be 10 s to 24 h.");
        Require(options.ClockDrift is >= 0 and <= 0.01, "ClockDrift must be 0 to 0.01.");
        Require(Between(options.LargestClockUncertainty, 10, 1000), "LargestClockUncertainty must be 10 ms to 1 s.");
        Require(Between(options.MonthlyFlushInterval, 100, 600_000), "MonthlyFlushInterval must be 100 ms to 10 min.");
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static bool Between(TimeSpan value, double least, double most) =>
        value.TotalMilliseconds >= least && value.TotalMilliseconds <= most;

    [GeneratedRegex("^[A-Za-z0-9._:-]{1,64}$", RegexOptions.CultureInvariant)]
    private static partial Regex ReplicaIdPattern();
}
