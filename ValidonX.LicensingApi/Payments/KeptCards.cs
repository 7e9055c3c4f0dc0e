using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Payments;

namespace ValidonX.LicensingApi.Payments;

/// <summary>
/// The card of each tenant that may be charged again: the one of a payment whose payer agreed to it, then the one that is chosen as the default at Stripe, until it
/// is taken away there.
/// </summary>
internal sealed class KeptCards(PlatformDatabase platform, StripeApi stripe, StateChanges changes, TimeProvider time)
{
    /// <summary>What a card's being kept is called in the audit log.</summary>
    public const string Kept = "billing.card_kept";

    /// <summary>An event about a customer's cards.</summary>
    /// <exception cref="PaymentProviderException">Stripe does not say which card it is.</exception>
    public async Task<IResult> HandleAsync(StripeEvent told, ChangeRequest<EventReceipt> request)
    {
        if (await FindTenantAsync(told, request.Aborted) is not { } tenantId)
        {
            return request.Answer(EventReceipt.Ignored(told));
        }

        // Whoever has chosen none keeps what was kept at a payment.
        var chosen = told.Customer is { } customer ? await stripe.FindDefaultMethodAsync(customer, request.Aborted) : null;
        if (chosen is null && told.RemovedMethod is null)
        {
            return request.Answer(EventReceipt.Ignored(told));
        }

        return await changes.InPlatformAsync<EventReceipt>(request, async (transaction, token) =>
        {
            if (!await EventReceipt.WriteAsync(transaction, told, time.GetUtcNow(), token))
            {
                return new Changed<EventReceipt>(EventReceipt.Known(told));
            }

            var changed = await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE stripe_customers SET payment_method = @chosen WHERE tenant_id = @tenantId AND NOT payment_method <=> @chosen AND (@chosen IS NOT NULL OR payment_method = @RemovedMethod)",
                new { tenantId, chosen, told.RemovedMethod },
                transaction,
                cancellationToken: token));
            return new Changed<EventReceipt>(EventReceipt.Done(told))
            {
                Event = changed == 0 ? null : request.Audit.About("tenant", tenantId) with { Action = chosen is null ? "billing.card_removed" : Kept, TenantId = tenantId },
            };
        });
    }

    /// <summary>Keeps a card in the transaction of the payment that it made; whether it is another than was kept.</summary>
    public static async Task<bool> WriteAsync(DbTransaction transaction, Guid tenantId, string method, CancellationToken cancellationToken) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "UPDATE stripe_customers SET payment_method = @method WHERE tenant_id = @tenantId AND NOT payment_method <=> @method",
            new { tenantId, method },
            transaction,
            cancellationToken: cancellationToken)) == 1;

    private async Task<Guid?> FindTenantAsync(StripeEvent told, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QueryFirstOrDefaultAsync<Guid?>(new CommandDefinition(
            told.Customer is null ? "SELECT tenant_id FROM stripe_customers WHERE payment_method = @RemovedMethod" : "SELECT tenant_id FROM stripe_customers WHERE customer_id = @Customer",
            new { told.Customer, told.RemovedMethod },
            cancellationToken: cancellationToken));
    }
}
