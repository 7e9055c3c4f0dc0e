using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Billing;

/// <summary>A tax that an operator adds to the invoices of a country.</summary>
internal sealed record NewTaxRate : IRequest, IChecked
{
    /// <summary>The country, ISO 3166-1.</summary>
    [Country]
    [Example("DE")]
    public required string Country { get; init; }

    /// <summary>What it is called on invoices.</summary>
    [Text(64)]
    [Example("VAT")]
    public required string Name { get; init; }

    /// <summary>The rate in hundredths of a percent.</summary>
    [Whole(0, 10_000)]
    [Example("1900")]
    public required int BasisPoints { get; init; }

    /// <summary>From when on; by default from now on.</summary>
    public DateTimeOffset? ValidFrom { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (ValidUntil is { } until && until <= (ValidFrom ?? at.Now) && !at.Has("valid_until"))
        {
            at.Of("valid_until").Fail("Must be after valid_from.");
        }
    }
}

/// <summary>A tax on the invoices of a country.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Country">ISO 3166-1.</param>
/// <param name="Name">What it is called.</param>
/// <param name="BasisPoints">The rate in hundredths of a percent.</param>
/// <param name="ValidFrom">From when on.</param>
/// <param name="ValidUntil">Until when.</param>
internal sealed record ShownTaxRate(Guid Id, string Country, string Name, int BasisPoints, DateTimeOffset ValidFrom, DateTimeOffset? ValidUntil);

/// <summary>A row of <c>tax_rates</c>.</summary>
internal sealed record TaxRateRow
{
    public Guid Id { get; init; }

    public string Country { get; init; } = "";

    public string Name { get; init; } = "";

    public int BasisPoints { get; init; }

    public DateTimeOffset ValidFrom { get; init; }

    public DateTimeOffset? ValidUntil { get; init; }

    public ShownTaxRate Show() => new(Id, Country, Name, BasisPoints, ValidFrom, ValidUntil);
}

/// <summary>Keeps the taxes. An invoice has those of the moment at which it is issued; none is ever changed, only ended.</summary>
internal sealed class TaxRates(PlatformDatabase platform, StateChanges changes, TimeProvider time)
{
    private const string Columns = "id, country, name, basis_points, valid_from, valid_until";

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<TaxRateRow> Items, string? NextCursor)> ListAsync(PageRequest page, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        var rows = (await connection.QueryAsync<TaxRateRow>(new CommandDefinition(
            $"SELECT {Columns} FROM tax_rates {(page.Before is null ? "" : "WHERE id < @Before")} ORDER BY id DESC LIMIT @take",
            new { page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, rate => rate.Id);
    }

    /// <summary>Adds one.</summary>
    public Task<IResult> AddAsync(NewTaxRate rate, ChangeRequest<TaxRateRow> request) =>
        changes.InPlatformAsync<TaxRateRow>(request, async (transaction, token) =>
        {
            var now = time.GetUtcNow();
            var row = new TaxRateRow
            {
                Id = Guid.CreateVersion7(now),
                Country = rate.Country,
                Name = rate.Name,
                BasisPoints = rate.BasisPoints,
                ValidFrom = rate.ValidFrom ?? now,
                ValidUntil = rate.ValidUntil,
            };
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "INSERT INTO tax_rates (id, country, name, basis_points, valid_from, valid_until, created_at) VALUES (@Id, @Country, @Name, @BasisPoints, @ValidFrom, @ValidUntil, @now)",
                new { row.Id, row.Country, row.Name, row.BasisPoints, row.ValidFrom, row.ValidUntil, now },
                transaction,
                cancellationToken: token));
            return new Changed<TaxRateRow>(row) { Event = request.Audit.About("tax_rate", row.Id).Made(row.Show(), LicensingJson.Default.ShownTaxRate) };
        });

    /// <summary>Ends one now.</summary>
    public Task<IResult> EndAsync(Guid id, ChangeRequest<TaxRateRow> request) =>
        changes.InPlatformAsync<TaxRateRow>(request, async (transaction, token) =>
        {
            var before = await FindAsync(transaction, id, token);
            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE tax_rates SET valid_until = GREATEST(valid_from, LEAST(COALESCE(valid_until, @now), @now)) WHERE id = @id",
                new { id, now = time.GetUtcNow() },
                transaction,
                cancellationToken: token));
            return before is null || await FindAsync(transaction, id, token) is not { } row
                ? ApiErrors.ResourceNotFound
                : new Changed<TaxRateRow>(row)
                {
                    Event = before == row ? null : request.Audit.About("tax_rate", id).Changed(before.Show(), row.Show(), LicensingJson.Default.ShownTaxRate),
                };
        });

    private static Task<TaxRateRow?> FindAsync(DbTransaction transaction, Guid id, CancellationToken cancellationToken) =>
        transaction.Connection!.QuerySingleOrDefaultAsync<TaxRateRow?>(new CommandDefinition(
            $"SELECT {Columns} FROM tax_rates WHERE id = @id FOR UPDATE", new { id }, transaction, cancellationToken: cancellationToken));
}

internal static class TaxRateEndpoints
{
    public static void MapTaxRates(this RouteGroupBuilder admin)
    {
        var rates = admin.MapGroup("/tax-rates").WithTags("Billing");
        rates.MapGet("/", ListAsync).Is("listTaxRates", "Lists the taxes of invoices, newest first.", Answers.Page<ShownTaxRate>());
        rates.MapPost("/", AddAsync).Is("addTaxRate", "Adds a tax to the invoices of a country.", Answers.Created<ShownTaxRate>());
        rates.MapDelete("/{id}", EndAsync).Is("endTaxRate", "Ends a tax now; invoices that are issued keep it.", Answers.Ok<ShownTaxRate>(), ApiErrors.ResourceNotFound);
    }

    private static async Task<IResult> ListAsync(Query<ListQuery> query, TaxRates rates, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await rates.ListAsync(query.Value.Page(), cancellationToken);
        return ApiResult.Page<IReadOnlyList<ShownTaxRate>>([.. items.Select(rate => rate.Show())], LicensingJson.Default.IReadOnlyListShownTaxRate, nextCursor);
    }

    private static Task<IResult> AddAsync(HttpContext context, Body<NewTaxRate> body, TaxRates rates) =>
        rates.AddAsync(body.Value, context.Change<TaxRateRow>("tax_rate.added", null, rate => ApiResult.Created(rate.Show(), LicensingJson.Default.ShownTaxRate)));

    private static Task<IResult> EndAsync(HttpContext context, PathId id, TaxRates rates) =>
        rates.EndAsync(id, context.Change<TaxRateRow>("tax_rate.ended", null, rate => ApiResult.Ok(rate.Show(), LicensingJson.Default.ShownTaxRate)));
}
