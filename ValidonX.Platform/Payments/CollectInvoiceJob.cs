using System.Data.Common;
using System.Text.Json.Nodes;
using Dapper;
using ValidonX.Platform.Jobs;

namespace ValidonX.Platform.Payments;

/// <summary>The job that charges a tenant's kept card for an invoice: kind <c>collect_invoice</c>, the invoice's id as payload.</summary>
public static class CollectInvoiceJob
{
    /// <summary>The job's kind.</summary>
    public const string Kind = "collect_invoice";

    /// <summary>With the default pauses more than a day; then the invoice stays open, and becomes overdue in its time.</summary>
    public const int MaximumAttempts = 300;

    /// <summary>Enters the job when there is a card to charge, in the transaction that issues the invoice.</summary>
    public static async Task EnqueueAsync(DbTransaction transaction, Guid tenantId, Guid invoiceId, CancellationToken cancellationToken)
    {
        var hasCard = await transaction.Connection!.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM stripe_customers WHERE tenant_id = @tenantId AND payment_method IS NOT NULL)",
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));
        if (hasCard)
        {
            await JobQueue.EnqueueAsync(transaction, tenantId, Kind, new JsonObject { ["invoice_id"] = invoiceId }.ToJsonString(), MaximumAttempts, cancellationToken);
        }
    }

    /// <summary>Which invoice.</summary>
    public static Guid InvoiceOf(Job job) => (Guid)JsonNode.Parse(job.Payload)!["invoice_id"]!;
}
