using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Payments;

namespace ValidonX.LicensingApi.Payments;

/// <summary>Each tenant's customer at Stripe, made when it is first needed, once however many ask at once and wherever one of them dies.</summary>
internal sealed class StripeCustomers(PlatformDatabase platform, StripeApi stripe, TimeProvider time)
{
    /// <summary>The tenant's customer there.</summary>
    /// <param name="tenantId">Whose.</param>
    /// <param name="userId">The user who asks, to whose address receipts go.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="PaymentProviderException">Stripe did not make one.</exception>
    public async Task<string> GetAsync(Guid tenantId, Guid userId, CancellationToken cancellationToken)
    {
        if (await FindAsync(tenantId, cancellationToken) is { } known)
        {
            return known;
        }

        // No transaction waits for Stripe: who comes second asks under the same key, and gets the same customer.
        var (name, email) = await ReadAsync(tenantId, userId, cancellationToken);
        var made = await stripe.CreateCustomerAsync(tenantId, name, email, cancellationToken);
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<string>(new CommandDefinition(
            """
            INSERT IGNORE INTO stripe_customers (tenant_id, customer_id, created_at) VALUES (@tenantId, @made, @now);
            SELECT customer_id FROM stripe_customers WHERE tenant_id = @tenantId
            """,
            new { tenantId, made, now = time.GetUtcNow() },
            cancellationToken: cancellationToken));
    }

    private async Task<string?> FindAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<string?>(new CommandDefinition(
            "SELECT customer_id FROM stripe_customers WHERE tenant_id = @tenantId", new { tenantId }, cancellationToken: cancellationToken));
    }

    private async Task<(string Name, string? Email)> ReadAsync(Guid tenantId, Guid userId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleAsync<(string, string?)>(new CommandDefinition(
            """
            SELECT COALESCE(d.name, t.name), (SELECT u.email FROM users u WHERE u.id = @userId)
            FROM tenants t LEFT JOIN billing_details d ON d.tenant_id = t.id WHERE t.id = @tenantId
            """,
            new { tenantId, userId },
            cancellationToken: cancellationToken));
    }
}
