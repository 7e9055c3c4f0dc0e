using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.LicensingApi.Billing;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Payments;

namespace ValidonX.LicensingApi.Payments;

/// <summary>
/// Does what an event asks for: reads from Stripe how the payment stands now, and brings our books to that, in one transaction with the event's id under the lock
/// of the tenant's subscription. Money comes in once, whatever tells of it; what it was refunded only grows, and a chargeback only goes on. A payment counts for
/// the tenant whose customer paid it, and for an invoice only of that tenant, of that amount and currency, and only while that is open: else it is kept as
/// unapplied, where operators find it.
/// </summary>
internal sealed class ReceivePayment(
    PlatformDatabase platform, StripeApi stripe, StateChanges changes, InvoicePayments invoices, BillingCycle cycle, Metering metering, AuditLog audit, TimeProvider time)
{
    /// <exception cref="PaymentProviderException">Stripe does not say how it stands.</exception>
    public async Task<IResult> HandleAsync(StripeEvent told, ChangeRequest<EventReceipt> request)
    {
        if (await EventReceipt.WasWrittenAsync(platform, told, request.Aborted))
        {
            return request.Answer(EventReceipt.Known(told));
        }

        if (await stripe.FindPaymentAsync(told.Payment!, request.Aborted) is not { } payment || await FindOwnerAsync(payment, request.Aborted) is not { } owner)
        {
            return request.Answer(EventReceipt.Ignored(told));
        }

        var metered = await metering.ReadAsync(owner.TenantId, time.GetUtcNow(), request.Aborted);
        return await changes.InPlatformAsync<EventReceipt>(request, async (transaction, token) =>
        {
            if (!await EventReceipt.WriteAsync(transaction, told, time.GetUtcNow(), token))
            {
                return new Changed<EventReceipt>(EventReceipt.Known(told));
            }

            var cause = request.Audit with { TenantId = owner.TenantId };
            var subscription = await Subscription.LockAsync(transaction, owner.TenantId, token) is { } locked ? await cycle.AdvanceAsync(transaction, locked, metered, cause, token) : null;
            var invoice = subscription is not null && payment.InvoiceId is { } id ? await InvoicePayments.FindAsync(transaction, owner.TenantId, id, token) : null;
            var row = await FindAsync(transaction, payment.Reference, token);
            if (row is null && payment.State is CardPaymentState.Succeeded)
            {
                row = await TakeInAsync(transaction, payment, owner, invoice, isTenantGone: subscription is null, cause, token);
                if (row.State is PaymentStatus.Applied)
                {
                    subscription = await invoices.PaidAsync(transaction, invoice!, subscription!, $"Stripe {payment.Reference}", cause, token);
                }
            }
            else if (told.Type == StripeEvent.PaymentFailed && payment.State is CardPaymentState.Failed && owner.IsCustomer && invoice is { State: InvoiceStatus.Open })
            {
                await FailAsync(transaction, payment, invoice, cause, token);
            }

            if (row is not null)
            {
                await FollowAsync(transaction, row, payment, told.Dispute, cause, token);
            }

            if (subscription is not null)
            {
                await cycle.AdvanceAsync(transaction, subscription, metered, cause, token);
            }

            return new Changed<EventReceipt>(EventReceipt.Done(told));
        });
    }

    private async Task<Payment> TakeInAsync(
        DbTransaction transaction, CardPayment payment, Owner owner, Invoice? invoice, bool isTenantGone, AuditEvent cause, CancellationToken cancellationToken)
    {
        var reason = Reason(payment, owner, invoice, isTenantGone);
        var now = time.GetUtcNow();
        var row = new Payment
        {
            Id = Guid.CreateVersion7(now),
            Provider = Payment.Stripe,
            Reference = payment.Reference,
            TenantId = owner.TenantId,
            InvoiceId = invoice?.Id,
            AmountCents = payment.ReceivedCents,
            Currency = payment.Currency,
            Status = (reason is null ? PaymentStatus.Applied : PaymentStatus.Unapplied).Word(),
            Reason = reason?.Word(),
            PaidAt = payment.PaidAt,
            CreatedAt = now,
        };
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO payments (id, provider, reference, tenant_id, invoice_id, amount_cents, currency, status, reason, paid_at, created_at)
            VALUES (@Id, @Provider, @Reference, @TenantId, @InvoiceId, @AmountCents, @Currency, @Status, @Reason, @PaidAt, @CreatedAt)
            """,
            row,
            transaction,
            cancellationToken: cancellationToken));
        if (payment.KeptMethod is { } method && owner.IsCustomer && await KeptCards.WriteAsync(transaction, owner.TenantId, method, cancellationToken))
        {
            await audit.WriteAsync(transaction, cause.About("tenant", owner.TenantId) with { Action = KeptCards.Kept }, cancellationToken);
        }

        var details = new JsonObject { ["provider"] = Payment.Stripe, ["reference"] = row.Reference, ["amount_cents"] = row.AmountCents, ["currency"] = row.Currency };
        if (reason is { } why)
        {
            details["reason"] = why.Word();
            details["invoice"] = invoice?.DisplayNumber;
        }
        else
        {
            details["number"] = invoice!.DisplayNumber;
            details["status_before"] = invoice.Status;
        }

        var about = reason is null ? cause.About("invoice", invoice!.Id) with { Action = "invoice.paid" } : cause.About("payment", row.Id) with { Action = "payment.unapplied" };
        await audit.WriteAsync(transaction, about with { Details = details.ToJsonString() }, cancellationToken);
        return row;
    }

    private static UnappliedReason? Reason(CardPayment payment, Owner owner, Invoice? invoice, bool isTenantGone) =>
        isTenantGone ? UnappliedReason.TenantGone
        : !owner.IsCustomer ? UnappliedReason.OtherCustomer
        : invoice is null ? UnappliedReason.NoInvoice
        : invoice.State is InvoiceStatus.Paid ? UnappliedReason.AlreadyPaid
        : invoice.State is InvoiceStatus.Void ? UnappliedReason.Void
        : invoice.AmountCents != payment.ReceivedCents || invoice.Currency != payment.Currency ? UnappliedReason.AmountDiffers
        : null;

    private async Task FailAsync(DbTransaction transaction, CardPayment payment, Invoice invoice, AuditEvent cause, CancellationToken cancellationToken)
    {
        await invoices.FailedAsync(transaction, invoice.Id, $"Stripe {payment.Reference}: {payment.Failure}", cancellationToken);
        var details = new JsonObject { ["number"] = invoice.DisplayNumber, ["provider"] = Payment.Stripe, ["reference"] = payment.Reference, ["failure"] = payment.Failure };
        await audit.WriteAsync(transaction, cause.About("invoice", invoice.Id) with { Action = "invoice.payment_failed", Details = details.ToJsonString() }, cancellationToken);
    }

    /// <summary>What was paid back or taken back. The invoice stays paid: what is owed then is for people to decide.</summary>
    private async Task FollowAsync(DbTransaction transaction, Payment row, CardPayment payment, PaymentDispute? dispute, AuditEvent cause, CancellationToken cancellationToken)
    {
        if (payment.RefundedCents > row.RefundedCents)
        {
            await WriteAsync("refunded_cents = @value", payment.RefundedCents, "payment.refunded", row.RefundedCents);
        }

        if (dispute is { } stands && (row.Dispute is null || StoredEnum.Parse<PaymentDispute>(row.Dispute) < stands))
        {
            await WriteAsync("dispute = @value", stands.Word(), "payment.disputed", row.Dispute);
        }

        async Task WriteAsync<T>(string set, T value, string action, T? before)
        {
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                $"UPDATE payments SET {set} WHERE id = @Id", new { row.Id, value }, transaction, cancellationToken: cancellationToken));
            var details = new JsonObject
            {
                ["reference"] = row.Reference,
                ["amount_cents"] = row.AmountCents,
                ["currency"] = row.Currency,
                ["before"] = JsonValue.Create(before),
                ["after"] = JsonValue.Create(value),
            };
            await audit.WriteAsync(transaction, cause.About("payment", row.Id) with { Action = action, Details = details.ToJsonString() }, cancellationToken);
        }
    }

    // Under the subscription's lock, which is taken before anything is read: locking what is not there would only make others of the table wait.
    private static Task<Payment?> FindAsync(DbTransaction transaction, string reference, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<Payment?>(new CommandDefinition(
            $"SELECT {Payment.Columns} FROM payments WHERE provider = '{Payment.Stripe}' AND reference = @reference",
            new { reference },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Whose payment it is: of the tenant whose customer paid; of a stranger's, for the tenant that it names, money is kept and nothing is paid by it.</summary>
    private async Task<Owner?> FindOwnerAsync(CardPayment payment, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        if (await connection.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
                "SELECT tenant_id FROM stripe_customers WHERE customer_id = @Customer", new { payment.Customer }, cancellationToken: cancellationToken)) is { } customer)
        {
            return new Owner(customer, IsCustomer: true);
        }

        return await connection.QuerySingleOrDefaultAsync<Guid?>(new CommandDefinition(
            "SELECT id FROM tenants WHERE id = @TenantId", new { payment.TenantId }, cancellationToken: cancellationToken)) is { } named ? new Owner(named, IsCustomer: false) : null;
    }

    /// <summary>Whose a payment is.</summary>
    /// <param name="TenantId">The tenant's.</param>
    /// <param name="IsCustomer">Whether its customer at Stripe paid it; else only the payment says so.</param>
    private sealed record Owner(Guid TenantId, bool IsCustomer);
}
