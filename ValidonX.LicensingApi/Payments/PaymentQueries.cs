using Dapper;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Payments;

/// <summary>Reads payments.</summary>
internal sealed class PaymentQueries(PlatformDatabase platform)
{
    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<Payment> Items, string? NextCursor)> ListAsync(PaymentFilter filter, CancellationToken cancellationToken)
    {
        var page = filter.Page();
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<Payment>(new CommandDefinition(
            $"""
            SELECT {Payment.Columns} FROM payments
            WHERE (@tenantId IS NULL OR tenant_id = @tenantId) AND (@status IS NULL OR status = @status) AND (@Before IS NULL OR id < @Before)
            ORDER BY id DESC LIMIT @take
            """,
            new { tenantId = filter.TenantId?.ToString(), status = filter.Status?.Word(), Before = page.Before?.ToString(), take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, payment => payment.Id);
    }

    /// <summary>One payment.</summary>
    public async Task<Payment?> FindAsync(Guid id, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.QuerySingleOrDefaultAsync<Payment?>(new CommandDefinition(
            $"SELECT {Payment.Columns} FROM payments WHERE id = @id", new { id }, cancellationToken: cancellationToken));
    }
}
