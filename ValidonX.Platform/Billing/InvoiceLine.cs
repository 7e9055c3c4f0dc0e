namespace ValidonX.Platform.Billing;

/// <summary>What a line of an invoice is for, as stored and as shown.</summary>
public enum InvoiceLineKind
{
    /// <summary>The price of a plan for a whole period.</summary>
    Base,

    /// <summary>The rest of a period on a plan that was taken (positive) or left (negative).</summary>
    Proration,

    /// <summary>Usage beyond what the plan includes.</summary>
    Metered,

    /// <summary>Credit of the tenant that is used up (negative).</summary>
    Credit,

    /// <summary>A tax on the sum of the lines before.</summary>
    Tax,
}

/// <summary>One line of an invoice; a row of <c>invoice_lines</c>.</summary>
public sealed record InvoiceLine
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "position, kind, description, quantity, amount_cents, period_start, period_end, tax_basis_points";

    /// <summary>Its place, from 1.</summary>
    public int Position { get; init; }

    /// <summary>One of <see cref="InvoiceLineKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it is for, for people.</summary>
    public required string Description { get; init; }

    /// <summary>How many; of a metered line, the units beyond what is included.</summary>
    public long Quantity { get; init; } = 1;

    /// <summary>What it comes to.</summary>
    public long AmountCents { get; init; }

    /// <summary>From when on, if it is for a time.</summary>
    public DateTimeOffset? PeriodStart { get; init; }

    /// <summary>Until when.</summary>
    public DateTimeOffset? PeriodEnd { get; init; }

    /// <summary>The rate of a tax in hundredths of a percent.</summary>
    public int? TaxBasisPoints { get; init; }
}
