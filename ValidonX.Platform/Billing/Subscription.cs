using System.Data.Common;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Plans;

namespace ValidonX.Platform.Billing;

/// <summary>A tenant's subscription to its plan; a row of <c>subscriptions</c>. Whoever changes it or an invoice of it holds the row's lock.</summary>
public sealed record Subscription
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns =
        """
        id, tenant_id, plan_code, status, current_period_start, current_period_end, cancel_at, anchor_at, period_number, billing_period, price_cents, currency,
        next_plan_code, invoiced_until, metered_until, past_due_since, paused_at, canceled_at, next_look_at, created_at
        """;

    /// <summary>Never: nothing is to be done by itself.</summary>
    public static readonly DateTimeOffset Never = new(9999, 12, 31, 0, 0, 0, TimeSpan.Zero);

    public Guid Id { get; init; }

    public Guid TenantId { get; init; }

    /// <summary>The plan that is subscribed to.</summary>
    public string PlanCode { get; init; } = "";

    /// <summary>As stored; see <see cref="State"/>.</summary>
    public string Status { get; init; } = "";

    public DateTimeOffset CurrentPeriodStart { get; init; }

    public DateTimeOffset CurrentPeriodEnd { get; init; }

    /// <summary>When it is to end by itself.</summary>
    public DateTimeOffset? CancelAt { get; init; }

    /// <summary>From when periods are counted; <see langword="null"/> is the current period's start.</summary>
    public DateTimeOffset? AnchorAt { get; init; }

    /// <summary>Which period from the anchor the current one is, from 0; -1 is one that ends at it.</summary>
    public int PeriodNumber { get; init; }

    /// <summary>As stored; see <see cref="Period"/>.</summary>
    public string BillingPeriod { get; init; } = "";

    /// <summary>What the current period costs, whatever the plan costs by now; <see langword="null"/> is agreed upon elsewhere.</summary>
    public long? PriceCents { get; init; }

    public string Currency { get; init; } = "";

    /// <summary>The plan from the next period on, if another.</summary>
    public string? NextPlanCode { get; init; }

    /// <summary>Until when its time is invoiced.</summary>
    public DateTimeOffset? InvoicedUntil { get; init; }

    /// <summary>Until when its usage is invoiced: the first moment of a calendar month.</summary>
    public DateTimeOffset? MeteredUntil { get; init; }

    public DateTimeOffset? PastDueSince { get; init; }

    public DateTimeOffset? PausedAt { get; init; }

    public DateTimeOffset? CanceledAt { get; init; }

    /// <summary>When something may be to be done, at the latest.</summary>
    public DateTimeOffset NextLookAt { get; init; }

    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>How it stands.</summary>
    public SubscriptionStatus State => StoredEnum.Parse<SubscriptionStatus>(Status);

    /// <summary>How long its periods are.</summary>
    public PlanPeriod Period => StoredEnum.Parse<PlanPeriod>(BillingPeriod);

    /// <summary>The plan that the tenant is on by it and costs something for a period that runs.</summary>
    public bool IsRunning => State is SubscriptionStatus.Active or SubscriptionStatus.PastDue;

    /// <summary>Whether the current period's invoice is still to be made.</summary>
    public bool IsToBeInvoiced => IsRunning && (InvoicedUntil is not { } until || until < CurrentPeriodEnd);

    /// <summary>The first month whose usage is not invoiced.</summary>
    public DateTimeOffset MeteredFrom => MeteredUntil ?? BillingPeriods.MonthOf(CreatedAt);

    /// <summary>After this event.</summary>
    /// <exception cref="InvalidOperationException">It cannot happen; whoever asks has not looked.</exception>
    public Subscription After(SubscriptionEvent what) =>
        SubscriptionMachine.Next(State, what) is { } next ? this with { Status = next.Word() } : throw new InvalidOperationException($"{what} cannot happen to a subscription that is {Status}.");

    /// <summary>In a period that begins now, from which on the next ones are counted.</summary>
    public Subscription BeginAt(DateTimeOffset start, PlanPrice plan) =>
        this with
        {
            PlanCode = plan.Code,
            PriceCents = plan.PriceCents,
            Currency = plan.Currency,
            BillingPeriod = plan.BillingPeriod,
            AnchorAt = start,
            PeriodNumber = 0,
            CurrentPeriodStart = start,
            CurrentPeriodEnd = BillingPeriods.Start(start, 1, plan.Period),
            NextPlanCode = null,
            InvoicedUntil = null,
        };

    /// <summary>The tenant's, locked until the transaction ends, or <see langword="null"/>.</summary>
    public static Task<Subscription?> LockAsync(DbTransaction transaction, Guid tenantId, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<Subscription?>(new CommandDefinition(
            $"SELECT {Columns} FROM subscriptions WHERE tenant_id = @tenantId FOR UPDATE", new { tenantId }, transaction, cancellationToken: cancellationToken));

    /// <summary>Writes what it has become.</summary>
    public Task SaveAsync(DbTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            UPDATE subscriptions
            SET plan_code = @PlanCode, status = @Status, current_period_start = @CurrentPeriodStart, current_period_end = @CurrentPeriodEnd, cancel_at = @CancelAt,
                anchor_at = @AnchorAt, period_number = @PeriodNumber, billing_period = @BillingPeriod, price_cents = @PriceCents, currency = @Currency,
                next_plan_code = @NextPlanCode, invoiced_until = @InvoicedUntil, metered_until = @MeteredUntil, past_due_since = @PastDueSince, paused_at = @PausedAt,
                canceled_at = @CanceledAt, next_look_at = @NextLookAt, updated_at = @now
            WHERE id = @Id
            """,
            new
            {
                Id,
                PlanCode,
                Status,
                CurrentPeriodStart,
                CurrentPeriodEnd,
                CancelAt,
                AnchorAt,
                PeriodNumber,
                BillingPeriod,
                PriceCents,
                Currency,
                NextPlanCode,
                InvoicedUntil,
                MeteredUntil,
                PastDueSince,
                PausedAt,
                CanceledAt,
                NextLookAt,
                now,
            },
            transaction,
            cancellationToken: cancellationToken));
}
