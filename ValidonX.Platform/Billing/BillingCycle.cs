using System.Data.Common;
using System.Globalization;
using System.Text.Json.Nodes;
using Dapper;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Plans;

namespace ValidonX.Platform.Billing;

/// <summary>
/// Moves a subscription on to the present: what has become due since it was last looked at happens in the order in which it became due, each with its
/// invoices and audit events, all in the caller's transaction, under the lock of the subscription's row. Looking again changes nothing.
/// </summary>
public sealed class BillingCycle(Invoicing invoicing, AuditLog audit, IOptions<BillingOptions> options, TimeProvider time)
{
    /// <summary>More steps at once than decades of months; a subscription that needs more is wrong.</summary>
    private const int MostSteps = 1_000;

    /// <summary>Does what is due, and saves the subscription as it is then.</summary>
    /// <param name="transaction">Holds the lock of the subscription's row.</param>
    /// <param name="subscription">As it was read under it, or as the caller has changed it since.</param>
    /// <param name="use">What was used in the months that are not invoiced, as <see cref="Metering"/> has it.</param>
    /// <param name="cause">Who causes it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Subscription> AdvanceAsync(
        DbTransaction transaction, Subscription subscription, MeteredUse use, AuditEvent cause, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        for (var step = 0; ; step++)
        {
            if (step == MostSteps)
            {
                throw new InvalidOperationException("A subscription does not come to the present.");
            }

            var (at, what) = await NextAsync(transaction, subscription, cancellationToken);
            if (at > now)
            {
                subscription = subscription with { NextLookAt = at };
                await subscription.SaveAsync(transaction, now, cancellationToken);
                return subscription;
            }

            subscription = await what(subscription, at);
        }

        async Task<(DateTimeOffset At, Func<Subscription, DateTimeOffset, Task<Subscription>> What)> NextAsync(DbTransaction held, Subscription current, CancellationToken token)
        {
            var due = new List<(DateTimeOffset At, Func<Subscription, DateTimeOffset, Task<Subscription>> What)>();
            if (current.IsToBeInvoiced)
            {
                due.Add((current.CurrentPeriodStart, (one, _) => InvoicePeriodAsync(held, one, use, cause, token)));
            }

            if (current.State is SubscriptionStatus.Active && await OverdueAtAsync(held, current.Id, token) is { } overdue)
            {
                due.Add((overdue, (one, _) => MoveAsync(held, one with { PastDueSince = now }, SubscriptionEvent.PaymentFailed, "subscription.updated", cause, token)));
            }

            if (current is { State: SubscriptionStatus.PastDue, PastDueSince: { } since })
            {
                due.Add((since.AddDays(options.Value.PastDueGraceDays), (one, at) => EndAsync(held, one, SubscriptionEvent.GraceEnded, at, use, cause, token)));
            }

            if (current.CancelAt is { } cancelAt && current.State is not (SubscriptionStatus.Canceled or SubscriptionStatus.Paused))
            {
                due.Add((cancelAt, (one, at) => EndAsync(held, one, SubscriptionEvent.Canceled, at, use, cause, token)));
            }

            if (current.State is SubscriptionStatus.Trialing)
            {
                due.Add((current.CurrentPeriodEnd, (one, at) => BeginAsync(held, one, at, SubscriptionEvent.TrialEnded, cause, token)));
            }
            else if (current.IsRunning)
            {
                due.Add((current.CurrentPeriodEnd, (one, _) => RenewAsync(held, one, cause, token)));
            }

            // Of two at the same moment the one that was added first.
            return due.Count == 0 ? (Subscription.Never, (one, _) => Task.FromResult(one)) : due.MinBy(one => one.At);
        }
    }

    /// <summary>Ends a subscription now, and gives the tenant the free plan if there is one.</summary>
    public async Task<Subscription> EndAsync(
        DbTransaction transaction, Subscription subscription, SubscriptionEvent why, DateTimeOffset at, MeteredUse use, AuditEvent cause, CancellationToken cancellationToken)
    {
        var (lines, until) = await MeteredAsync(transaction, subscription, use, cancellationToken);
        await invoicing.IssueAsync(transaction, subscription, lines, subscription.CurrentPeriodStart, at, cause, cancellationToken);
        var ended = subscription.After(why) with { CanceledAt = at, CancelAt = null, NextPlanCode = null, PastDueSince = null, PausedAt = null, MeteredUntil = until };
        await TellAsync(transaction, ended, "subscription.cancelled", why, cause, cancellationToken);
        if (await PlanPrice.FindFreeAsync(transaction, cancellationToken) is { } free)
        {
            await GiveAsync(transaction, ended.TenantId, free.Code, cancellationToken);
        }

        return ended;
    }

    /// <summary>Begins a period now, on the plan that is subscribed to.</summary>
    public async Task<Subscription> BeginAsync(
        DbTransaction transaction, Subscription subscription, DateTimeOffset at, SubscriptionEvent why, AuditEvent cause, CancellationToken cancellationToken)
    {
        var plan = (await PlanPrice.FindAsync(transaction, subscription.NextPlanCode ?? subscription.PlanCode, cancellationToken))!;
        var begun = subscription.After(why).BeginAt(at, plan) with { CanceledAt = null, MeteredUntil = Later(subscription.MeteredUntil, subscription.State == SubscriptionStatus.Canceled ? BillingPeriods.MonthOf(at) : null) };
        await TellAsync(transaction, begun, "subscription.updated", why, cause, cancellationToken);
        await GiveAsync(transaction, begun.TenantId, plan.Code, cancellationToken);
        return begun;
    }

    /// <summary>Moves it by an event that only changes its state.</summary>
    public async Task<Subscription> MoveAsync(
        DbTransaction transaction, Subscription subscription, SubscriptionEvent what, string action, AuditEvent cause, CancellationToken cancellationToken)
    {
        var moved = subscription.After(what);
        await TellAsync(transaction, moved, action, what, cause, cancellationToken);
        return moved;
    }

    /// <summary>
    /// Gives the tenant this plan: its rate limits and its entitlements follow when it is announced and applied, which a job does that is committed with it.
    /// A tenant that is on it already is left alone.
    /// </summary>
    public static async Task GiveAsync(DbTransaction transaction, Guid tenantId, string planCode, CancellationToken cancellationToken)
    {
        var changed = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE tenants SET plan_code = @planCode, plan_version = 0, updated_at = UTC_TIMESTAMP(6) WHERE id = @tenantId AND plan_code <> @planCode",
            new { tenantId, planCode },
            transaction,
            cancellationToken: cancellationToken));
        if (changed > 0)
        {
            await JobQueue.EnqueueAsync(transaction, tenantId, ApplyPlanJob.Kind, "{}", ApplyPlanJob.MaximumAttempts, cancellationToken);
        }
    }

    private async Task<Subscription> RenewAsync(DbTransaction transaction, Subscription subscription, AuditEvent cause, CancellationToken cancellationToken)
    {
        var plan = (await PlanPrice.FindAsync(transaction, subscription.NextPlanCode ?? subscription.PlanCode, cancellationToken))!;
        var start = subscription.CurrentPeriodEnd;
        var renewed = subscription.After(SubscriptionEvent.PeriodEnded);
        if (plan.Period != subscription.Period || plan.Currency != subscription.Currency)
        {
            renewed = renewed.BeginAt(start, plan);
        }
        else
        {
            var anchor = subscription.AnchorAt ?? subscription.CurrentPeriodStart;
            var number = subscription.PeriodNumber + 1;
            renewed = renewed with
            {
                PlanCode = plan.Code,
                PriceCents = plan.PriceCents,
                NextPlanCode = null,
                AnchorAt = anchor,
                PeriodNumber = number,
                CurrentPeriodStart = start,
                CurrentPeriodEnd = BillingPeriods.Start(anchor, number + 1, plan.Period),
            };
        }

        await TellAsync(transaction, renewed, "subscription.updated", SubscriptionEvent.PeriodEnded, cause, cancellationToken);

        // What a canceled one has got instead is not given back to it: it does not renew.
        await GiveAsync(transaction, renewed.TenantId, plan.Code, cancellationToken);
        return renewed;
    }

    private async Task<Subscription> InvoicePeriodAsync(
        DbTransaction transaction, Subscription subscription, MeteredUse use, AuditEvent cause, CancellationToken cancellationToken)
    {
        var (start, end) = (subscription.CurrentPeriodStart, subscription.CurrentPeriodEnd);
        var plan = (await PlanPrice.FindAsync(transaction, subscription.PlanCode, cancellationToken))!;
        var lines = new List<InvoiceLine>();
        if (subscription.PriceCents is { } price and > 0)
        {
            lines.Add(new InvoiceLine { Kind = InvoiceLineKind.Base.Word(), Description = plan.Name, AmountCents = price, PeriodStart = start, PeriodEnd = end });
        }

        var (metered, until) = await MeteredAsync(transaction, subscription, use, cancellationToken);
        lines.AddRange(metered);
        await invoicing.IssueAsync(transaction, subscription, lines, start, end, cause, cancellationToken);
        return subscription with { InvoicedUntil = end, MeteredUntil = until };
    }

    /// <summary>What was used beyond what is included, in the months that are over; and until when it is invoiced then.</summary>
    private static async Task<(IReadOnlyList<InvoiceLine> Lines, DateTimeOffset Until)> MeteredAsync(
        DbTransaction transaction, Subscription subscription, MeteredUse use, CancellationToken cancellationToken)
    {
        if (use.PlanCode != subscription.PlanCode || use.From != subscription.MeteredFrom || use.Until <= use.From)
        {
            // Read for another plan, or invoiced meanwhile: the next invoice has what is left.
            return ([], subscription.MeteredFrom);
        }

        var lines = new List<InvoiceLine>();
        var meters = await Metering.MetersAsync(transaction.Connection!, transaction, subscription.PlanCode, cancellationToken);
        foreach (var month in use.Months.OrderBy(one => one.Month).ThenBy(one => one.Metric, StringComparer.Ordinal))
        {
            if (meters.FirstOrDefault(meter => meter.Metric == month.Metric) is { } meter && meter.CostOf(month.Used) is > 0 and var cost)
            {
                lines.Add(new InvoiceLine
                {
                    Kind = InvoiceLineKind.Metered.Word(),
                    Description = string.Create(CultureInfo.InvariantCulture, $"{meter.Metric}: {month.Used} used, {meter.Included} included"),
                    Quantity = month.Used - meter.Included,
                    AmountCents = cost,
                    PeriodStart = month.Month,
                    PeriodEnd = month.Month.AddMonths(1),
                });
            }
        }

        return (lines, use.Until);
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other ?? one : one;

    /// <summary>When the oldest open invoice was or will be overdue.</summary>
    private static async Task<DateTimeOffset?> OverdueAtAsync(DbTransaction transaction, Guid subscriptionId, CancellationToken cancellationToken) =>
        await transaction.Connection!.QuerySingleOrDefaultAsync<DateTimeOffset?>(new CommandDefinition(
            "SELECT LEAST(due_at, COALESCE(failed_at, due_at)) AS overdue_at FROM invoices WHERE subscription_id = @subscriptionId AND status = 'open' ORDER BY overdue_at LIMIT 1",
            new { subscriptionId },
            transaction,
            cancellationToken: cancellationToken));

    private Task TellAsync(DbTransaction transaction, Subscription subscription, string action, SubscriptionEvent why, AuditEvent cause, CancellationToken cancellationToken) =>
        audit.WriteAsync(
            transaction,
            cause.About("subscription", subscription.Id) with
            {
                Action = action,
                TenantId = subscription.TenantId,
                Details = Facts(why.Word(), subscription.Status, subscription.PlanCode, subscription.CurrentPeriodStart, subscription.CurrentPeriodEnd).ToJsonString(),
            },
            cancellationToken);

    /// <summary>What is told of a subscription whenever something of it is otherwise.</summary>
    public static JsonObject Facts(string why, string status, string plan, DateTimeOffset periodStart, DateTimeOffset periodEnd) => new()
    {
        ["why"] = why,
        ["status"] = status,
        ["plan"] = plan,
        ["period_start"] = Text(periodStart),
        ["period_end"] = Text(periodEnd),
    };

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);
}
