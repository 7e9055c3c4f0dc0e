using System.Text.Json.Nodes;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Payments;

/// <summary>Makes money that has paid nothing the tenant's credit, once however often it is asked for: the next invoices are less by it.</summary>
internal sealed class CreditPayment(PaymentQueries payments, StateChanges changes, TimeProvider time)
{
    public async Task<IResult> HandleAsync(Guid id, ChangeRequest<Payment> request)
    {
        if (await payments.FindAsync(id, request.Aborted) is not { } known)
        {
            return ApiResult.Error(ApiErrors.ResourceNotFound);
        }

        return await changes.InPlatformAsync<Payment>(request, async (transaction, token) =>
        {
            // The subscription's lock is the one for the tenant's credit too.
            if (await Subscription.LockAsync(transaction, known.TenantId, token) is null)
            {
                return ApiErrors.Conflict("The tenant is gone; the money can be paid back at the provider.");
            }

            var payment = await transaction.Connection!.QuerySingleAsync<Payment>(new CommandDefinition(
                $"SELECT {Payment.Columns} FROM payments WHERE id = @id FOR UPDATE", new { id }, transaction, cancellationToken: token));
            if (payment.State is PaymentStatus.Credited)
            {
                return new Changed<Payment>(payment);
            }

            var rest = payment.AmountCents - payment.RefundedCents;
            if (payment.State is PaymentStatus.Applied || payment.Dispute is not (null or "won") || rest <= 0)
            {
                return ApiErrors.Conflict(
                    payment.State is PaymentStatus.Applied ? "The payment has paid its invoice." : rest <= 0 ? "The payment was paid back." : "The payment is disputed.");
            }

            var now = time.GetUtcNow();
            await Credits.AddAsync(transaction, payment.TenantId, payment.Currency, rest, $"Payment {payment.Reference}", null, now, token);
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE payments SET status = 'credited' WHERE id = @id", new { id }, transaction, cancellationToken: token));
            return new Changed<Payment>(payment with { Status = PaymentStatus.Credited.Word() })
            {
                Event = (request.Audit.About("payment", id) with
                {
                    TenantId = payment.TenantId,
                    Details = new JsonObject { ["reference"] = payment.Reference, ["credit_cents"] = rest, ["currency"] = payment.Currency }.ToJsonString(),
                }).Moved("status", payment.Status, PaymentStatus.Credited.Word()),
            };
        });
    }
}
