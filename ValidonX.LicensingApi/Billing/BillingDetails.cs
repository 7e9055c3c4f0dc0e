using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Billing;

/// <summary>To whom a tenant's invoices are made out.</summary>
internal sealed record BillingDetails : IRequest
{
    /// <summary>The name of the customer.</summary>
    [Text(120)]
    [Example("ACME Software GmbH")]
    public required string Name { get; init; }

    /// <summary>The address, in lines.</summary>
    [Address]
    [Example("1 Main Street, Springfield")]
    public required string Address { get; init; }

    /// <summary>The country, ISO 3166-1; its taxes are on the invoices.</summary>
    [Country]
    [Example("DE")]
    public required string Country { get; init; }

    /// <summary>The tax number.</summary>
    [Text(64)]
    [Example("DE123456789")]
    public string? TaxId { get; init; }
}

/// <summary>An address in lines.</summary>
internal sealed class AddressAttribute : TextAttribute
{
    public AddressAttribute()
        : base(500)
    {
        IsMultiline = true;
    }
}

/// <summary>The two letters of a country.</summary>
internal sealed class CountryAttribute : TextAttribute
{
    public CountryAttribute()
        : base(2, 2)
    {
        Pattern = "^[A-Z]{2}$";
        PatternMessage = "Must be the two capital letters of a country, such as DE.";
    }
}

/// <summary>Keeps them.</summary>
internal sealed class BillingDetailsStore(PlatformDatabase platform, StateChanges changes, TimeProvider time)
{
    /// <summary>A tenant's.</summary>
    public async Task<BillingDetails?> FindAsync(Guid tenantId, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await FindAsync(connection, null, tenantId, cancellationToken);
    }

    private static Task<BillingDetails?> FindAsync(DbConnection connection, DbTransaction? transaction, Guid tenantId, CancellationToken cancellationToken) =>
        connection.QuerySingleOrDefaultAsync<BillingDetails?>(new CommandDefinition(
            $"SELECT name, address, country, tax_id FROM billing_details WHERE tenant_id = @tenantId {(transaction is null ? "" : "FOR UPDATE")}",
            new { tenantId },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>Replaces them; invoices that are issued stay as they are.</summary>
    public Task<IResult> ReplaceAsync(Guid tenantId, BillingDetails details, ChangeRequest<BillingDetails> request) =>
        changes.InPlatformAsync<BillingDetails>(request, async (transaction, token) =>
        {
            var before = await FindAsync(transaction.Connection!, transaction, tenantId, token);
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "REPLACE INTO billing_details (tenant_id, name, address, country, tax_id, updated_at) VALUES (@tenantId, @Name, @Address, @Country, @TaxId, @now)",
                new { tenantId, details.Name, details.Address, details.Country, details.TaxId, now = time.GetUtcNow() },
                transaction,
                cancellationToken: token));
            var audit = request.Audit.About("tenant", tenantId);
            return new Changed<BillingDetails>(details)
            {
                Event = before is null ? audit.Made(details, LicensingJson.Default.BillingDetails)
                    : before == details ? null
                    : audit.Changed(before, details, LicensingJson.Default.BillingDetails),
            };
        });
}

internal static class BillingDetailsEndpoints
{
    public static void MapBillingDetails(this RouteGroupBuilder billing)
    {
        var details = billing.MapGroup("/details").WithTags("Billing");
        details.MapGet("/", GetAsync).Is("getBillingDetails", "Shows to whom invoices are made out.", Answers.Ok<BillingDetails>(), ApiErrors.ResourceNotFound);
        details.MapPut("/", PutAsync).For(Permissions.ManageBilling).Is("replaceBillingDetails", "Replaces to whom invoices are made out.", Answers.Ok<BillingDetails>());
    }

    private static async Task<IResult> GetAsync(Caller caller, BillingDetailsStore details, CancellationToken cancellationToken) =>
        await details.FindAsync(caller.Placement.TenantId, cancellationToken) is { } found ? Show(found) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> PutAsync(HttpContext context, Caller caller, Body<BillingDetails> body, BillingDetailsStore details) =>
        details.ReplaceAsync(caller.Placement.TenantId, body.Value, context.Change<BillingDetails>("billing.details_changed", caller.Placement.TenantId, Show));

    private static IApiResult Show(BillingDetails details) => ApiResult.Ok(details, LicensingJson.Default.BillingDetails);
}
