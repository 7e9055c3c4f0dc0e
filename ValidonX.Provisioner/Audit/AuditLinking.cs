using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace ValidonX.Provisioner.Audit;

/// <summary>How entries of the audit log are linked; the section <c>Provisioner:Audit</c>.</summary>
internal sealed class AuditLinkingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Provisioner:Audit";

    /// <summary>How often it is looked for entries without a place: how long, at most, an entry has none while all is well.</summary>
    [System.ComponentModel.DataAnnotations.Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan Poll { get; set; } = TimeSpan.FromSeconds(1);
}

/// <summary>Links entries of the audit log as long as the provisioner runs. Several provisioners may do it at once.</summary>
internal sealed partial class AuditLinking : IDisposable
{
    private const int ChainsAtOnce = 4;

    private readonly AuditLinker _linker;
    private readonly TimeSpan _poll;
    private readonly TimeProvider _time;
    private readonly ILogger<AuditLinking> _logger;
    private readonly ConcurrentDictionary<Guid, bool> _broken = new();
    private readonly Meter _meter;
    private readonly Counter<long> _linked;
    private bool _isAway;

    public AuditLinking(AuditLinker linker, IOptions<AuditLinkingOptions> options, TimeProvider time, IMeterFactory meters, ILogger<AuditLinking> logger)
    {
        (_linker, _poll, _time, _logger) = (linker, options.Value.Poll, time, logger);
        _meter = meters.Create("ValidonX.Audit");
        _linked = _meter.CreateCounter<long>("validonx.audit.linked", "{entry}", "Entries of the audit log that were given their place in a chain.");
        _meter.CreateObservableGauge("validonx.audit.broken_chains", () => _broken.Count, "{chain}", "Chains that do not end as they did: somebody has changed the audit log.");
    }

    /// <summary>Goes on until the token is canceled.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(_poll, _time);
        try
        {
            do
            {
                await TryRoundAsync(stopping);
            }
            while (await timer.WaitForNextTickAsync(stopping));
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // What waits is linked by the next provisioner.
        }
    }

    /// <summary>Links what waits.</summary>
    public async Task RoundAsync(CancellationToken stopping)
    {
        var more = true;
        while (more)
        {
            more = false;
            await Parallel.ForEachAsync(
                await _linker.FindAsync(stopping),
                new ParallelOptions { MaxDegreeOfParallelism = ChainsAtOnce, CancellationToken = stopping },
                async (tenantId, token) =>
                {
                    if (await LinkAsync(tenantId, token) == AuditLinker.AtOnce)
                    {
                        Volatile.Write(ref more, true);
                    }
                });
        }
    }

    public void Dispose() => _meter.Dispose();

    private async Task<int> LinkAsync(Guid? tenantId, CancellationToken cancellationToken)
    {
        var chain = tenantId ?? Guid.Empty;
        try
        {
            var linked = await _linker.LinkAsync(tenantId, cancellationToken);
            _linked.Add(linked);
            _broken.TryRemove(chain, out _);
            return linked;
        }
        catch (BrokenChainException)
        {
            if (_broken.TryAdd(chain, true))
            {
                Log.Broken(_logger, chain);
            }

            return 0;
        }
    }

    private async Task TryRoundAsync(CancellationToken stopping)
    {
        try
        {
            await RoundAsync(stopping);
            _isAway = false;
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            // Tried every second, told once.
            if (!_isAway)
            {
                Log.NotLinked(_logger, failure);
            }

            _isAway = true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Critical, "The audit log was changed by somebody: the chain {Chain} does not end as it did. Its new entries stay unlinked until that is cleared up.")]
        public static partial void Broken(ILogger logger, Guid chain);

        [LoggerMessage(2, LogLevel.Warning, "Entries of the audit log cannot be linked; it is tried again and again.")]
        public static partial void NotLinked(ILogger logger, Exception exception);
    }
}
