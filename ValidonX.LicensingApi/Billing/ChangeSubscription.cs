using System.Data.Common;
using System.Text.Json.Nodes;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Redis;

namespace ValidonX.LicensingApi.Billing;

/// <summary>
/// Changes a tenant's subscription. Whatever is due by then is done first, so nobody changes a period that is over. When it returns, the tenant's plan is in
/// force: its rate limits on every gateway, its entitlements in its own database; when that is away the caller is told that the change is committed, and a
/// job that was committed with it ends the work.
/// </summary>
internal sealed class ChangeSubscription(
    StateChanges changes, BillingCycle cycle, Invoicing invoicing, Metering metering, PlanUse use, TenantPlans plans, BillingQueries queries, IWakeup wakeup, TimeProvider time)
{
    private delegate Task<Outcome<Subscription>> Change(DbTransaction transaction, Subscription current, MeteredUse metered, CancellationToken cancellationToken);

    /// <summary>Gives it another plan.</summary>
    /// <param name="tenantId">Whose.</param>
    /// <param name="asked">Which, and when.</param>
    /// <param name="isOperator">Operators give any plan, tenants choose among those that are public and have a price.</param>
    /// <param name="request">Who does it.</param>
    public async Task<IResult> ChangePlanAsync(Guid tenantId, PlanChange asked, bool isOperator, ChangeRequest<ShownSubscription> request)
    {
        var inUse = await use.ReadAsync(tenantId, request.Aborted);
        return await RunAsync(tenantId, request, async (transaction, current, _, token) =>
        {
            if (current.State is not (SubscriptionStatus.Active or SubscriptionStatus.Trialing))
            {
                return ApiErrors.Conflict(current.State is SubscriptionStatus.PastDue ? "An invoice is overdue; it has to be paid first." : $"The subscription is {current.Status}.");
            }

            if (await PlanPrice.FindAsync(transaction, asked.Plan, token) is not { } plan || (!isOperator && plan is not { IsPublic: true, PriceCents: not null } && plan.Code != current.PlanCode))
            {
                return ApiErrors.ValidationFailed("plan", "Must be the code of a plan that can be chosen.");
            }

            if (plan.Code == current.PlanCode)
            {
                return current with { NextPlanCode = null };
            }

            if (plan.Currency != current.Currency)
            {
                return ApiErrors.Conflict("The plan is sold in another currency.");
            }

            if (await PlanUse.RefusalAsync(transaction, tenantId, plan.Code, inUse, token) is { } over)
            {
                return over;
            }

            return asked.When is ChangeMoment.PeriodEnd ? current with { NextPlanCode = plan.Code } : await ChangeNowAsync(transaction, current, plan, request, token);
        });
    }

    /// <summary>Ends it, at once or with its period.</summary>
    public Task<IResult> CancelAsync(Guid tenantId, Cancellation asked, ChangeRequest<ShownSubscription> request) =>
        RunAsync(tenantId, request, async (transaction, current, metered, token) =>
            current.State is SubscriptionStatus.Canceled ? current
            : !asked.AtPeriodEnd ? await cycle.EndAsync(transaction, current, SubscriptionEvent.Canceled, time.GetUtcNow(), metered, request.Audit, token)
            : current.State is SubscriptionStatus.Paused ? ApiErrors.Conflict("The subscription is on hold, so its period does not end; it can be canceled at once.")
            : current with { CancelAt = current.CurrentPeriodEnd, NextPlanCode = null });

    /// <summary>Takes a planned end back, or begins anew one that is over.</summary>
    public Task<IResult> ResumeAsync(Guid tenantId, ChangeRequest<ShownSubscription> request) =>
        RunAsync(tenantId, request, async (transaction, current, _, token) =>
            current.State is not SubscriptionStatus.Canceled ? current with { CancelAt = null }
            : await InvoicePayments.HasOpenAsync(transaction, current.Id, token) ? ApiErrors.Conflict("An invoice is open; it has to be paid first.")
            : await cycle.BeginAsync(transaction, current, time.GetUtcNow(), SubscriptionEvent.Restarted, request.Audit, token));

    /// <summary>Puts it on hold: no period passes.</summary>
    public Task<IResult> PauseAsync(Guid tenantId, ChangeRequest<ShownSubscription> request) =>
        RunAsync(tenantId, request, async (transaction, current, _, token) =>
            current.State is SubscriptionStatus.Paused ? current
            : current is not { State: SubscriptionStatus.Active, CancelAt: null } ? ApiErrors.Conflict("Only an active subscription that is not canceled can be put on hold.")
            : await cycle.MoveAsync(transaction, current with { PausedAt = time.GetUtcNow() }, SubscriptionEvent.Paused, "subscription.updated", request.Audit, token));

    /// <summary>Takes it up again: what was left of its period is left of it now, and the next ones are counted from that end on.</summary>
    public Task<IResult> UnpauseAsync(Guid tenantId, ChangeRequest<ShownSubscription> request) =>
        RunAsync(tenantId, request, async (transaction, current, _, token) =>
        {
            if (current is not { State: SubscriptionStatus.Paused, PausedAt: { } since })
            {
                return current.State is SubscriptionStatus.Active ? current : ApiErrors.Conflict($"The subscription is {current.Status}.");
            }

            var pause = time.GetUtcNow() - since;
            var end = current.CurrentPeriodEnd + pause;
            return await cycle.MoveAsync(
                transaction,
                current with
                {
                    PausedAt = null,
                    CurrentPeriodStart = current.CurrentPeriodStart + pause,
                    CurrentPeriodEnd = end,
                    InvoicedUntil = end,
                    AnchorAt = end,
                    PeriodNumber = -1,
                },
                SubscriptionEvent.Unpaused,
                "subscription.updated",
                request.Audit,
                token);
        });

    private async Task<Subscription> ChangeNowAsync(
        DbTransaction transaction, Subscription current, PlanPrice plan, ChangeRequest<ShownSubscription> request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        Subscription changed;
        if (current.State is SubscriptionStatus.Trialing)
        {
            // The trial goes on; what it is a trial of is another plan.
            changed = current with { PlanCode = plan.Code, PriceCents = plan.PriceCents, BillingPeriod = plan.BillingPeriod, NextPlanCode = null };
        }
        else
        {
            var left = (await PlanPrice.FindAsync(transaction, current.PlanCode, cancellationToken))!;
            var lines = new List<InvoiceLine>();
            Add(lines, $"Unused time of {left.Name}", -Proration.Rest(current.PriceCents ?? 0, current.CurrentPeriodStart, current.CurrentPeriodEnd, now), now, current.CurrentPeriodEnd);
            if (plan.Period == current.Period)
            {
                changed = current with { PlanCode = plan.Code, PriceCents = plan.PriceCents, NextPlanCode = null };
                Add(lines, $"Rest of the period on {plan.Name}", Proration.Rest(plan.PriceCents ?? 0, current.CurrentPeriodStart, current.CurrentPeriodEnd, now), now, current.CurrentPeriodEnd);
            }
            else
            {
                changed = current.BeginAt(now, plan);
                changed = changed with { InvoicedUntil = changed.CurrentPeriodEnd, CancelAt = current.CancelAt is null ? null : changed.CurrentPeriodEnd };
                Add(lines, plan.Name, plan.PriceCents ?? 0, now, changed.CurrentPeriodEnd, InvoiceLineKind.Base);
            }

            await invoicing.IssueAsync(transaction, changed, lines, now, changed.CurrentPeriodEnd, request.Audit, cancellationToken);
        }

        await BillingCycle.GiveAsync(transaction, current.TenantId, plan.Code, cancellationToken);
        return changed;
    }

    private static void Add(List<InvoiceLine> lines, string description, long cents, DateTimeOffset from, DateTimeOffset until, InvoiceLineKind kind = InvoiceLineKind.Proration)
    {
        if (cents != 0)
        {
            lines.Add(new InvoiceLine { Kind = kind.Word(), Description = description, AmountCents = cents, PeriodStart = from, PeriodEnd = until });
        }
    }

    private async Task<IResult> RunAsync(Guid tenantId, ChangeRequest<ShownSubscription> request, Change change)
    {
        var metered = await metering.ReadAsync(tenantId, time.GetUtcNow(), request.Aborted);
        var result = await changes.InPlatformAsync<ShownSubscription>(request, async (transaction, token) =>
        {
            if (await Subscription.LockAsync(transaction, tenantId, token) is not { } subscription)
            {
                return ApiErrors.SubscriptionNotFound;
            }

            // What was due is done also when the change itself is refused.
            var current = await cycle.AdvanceAsync(transaction, subscription, metered, request.Audit, token);
            var before = await queries.ShowAsync(transaction.Connection!, transaction, current, token);
            var changed = await change(transaction, current, metered, token);
            if (changed.Refusal is { } refusal)
            {
                return new Changed<ShownSubscription>(refusal) { Stale = [Invalidation.OfTenant(tenantId)] };
            }

            var saved = await cycle.AdvanceAsync(transaction, changed.Value!, metered, request.Audit, token);
            var shown = await queries.ShowAsync(transaction.Connection!, transaction, saved, token);
            return new Changed<ShownSubscription>(shown with { PlanInForce = true })
            {
                Stale = [Invalidation.OfTenant(tenantId)],
                Event = Told(request.Audit, saved).Changed(before with { PlanInForce = true }, shown with { PlanInForce = true }, LicensingJson.Default.ShownSubscription),
            };
        });
        wakeup.Signal(JobWorkers.WakeupChannel);
        return await IsInForceAsync(tenantId) ? result : ApiResult.Error(ApiErrors.Unannounced);
    }

    /// <summary>The event says how the subscription is since, for those who hear of it and cannot look.</summary>
    private static AuditEvent Told(AuditEvent audit, Subscription saved)
    {
        var details = JsonNode.Parse(audit.Details)!.AsObject();
        foreach (var (name, value) in BillingCycle.Facts(
            audit.Action[(audit.Action.LastIndexOf('.') + 1)..], saved.Status, saved.PlanCode, saved.CurrentPeriodStart, saved.CurrentPeriodEnd))
        {
            details[name] = value?.DeepClone();
        }

        return audit.About("subscription", saved.Id) with { Details = details.ToJsonString() };
    }

    /// <summary>Brings the tenant's plan into its database when it is not there; what cannot be done now, a job does.</summary>
    private async Task<bool> IsInForceAsync(Guid tenantId)
    {
        try
        {
            if (!await plans.IsBehindAsync(tenantId, CancellationToken.None) || await plans.ApplyAsync(tenantId, CancellationToken.None) is not { } applied)
            {
                return true;
            }

            await changes.AnnounceAsync([Invalidation.OfTenant(tenantId)]);
            await plans.NoteAsync(tenantId, applied, CancellationToken.None);
            return true;
        }
        catch (Exception away) when (DatabaseError.IsFailure(away))
        {
            return false;
        }
    }
}
