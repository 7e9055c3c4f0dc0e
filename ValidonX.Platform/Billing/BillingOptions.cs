using System.ComponentModel.DataAnnotations;

namespace ValidonX.Platform.Billing;

/// <summary>Configuration section <c>Billing</c>: who sells, and how long what is owed may be owed. The same for all services.</summary>
public sealed class BillingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Billing";

    /// <summary>Names the seller's series of invoice numbers; another one begins at 1.</summary>
    [Required, RegularExpression("^[a-z0-9-]{1,32}$")]
    public string Seller { get; set; } = "default";

    /// <summary>What the numbers of invoices begin with.</summary>
    [Required, RegularExpression("^[A-Za-z0-9/-]{0,20}$", ErrorMessage = "Billing:InvoicePrefix may have up to 20 of A-Z a-z 0-9 / -.")]
    public string InvoicePrefix { get; set; } = "INV-";

    /// <summary>The seller's name on invoices.</summary>
    [Required, StringLength(120)]
    public string SellerName { get; set; } = "ValidonX";

    /// <summary>The seller's address on invoices, in lines.</summary>
    [StringLength(500)]
    public string SellerAddress { get; set; } = "";

    /// <summary>The seller's tax number on invoices.</summary>
    [StringLength(64)]
    public string SellerTaxId { get; set; } = "";

    /// <summary>How to pay, in a few lines on each invoice.</summary>
    [StringLength(1000)]
    public string PaymentInstructions { get; set; } = "";

    /// <summary>Days in which an invoice is to be paid.</summary>
    [Range(0, 365)]
    public int PaymentTermDays { get; set; } = 14;

    /// <summary>Days for which a tenant keeps its plan after a payment has failed.</summary>
    [Range(0, 365)]
    public int PastDueGraceDays { get; set; } = 21;
}
