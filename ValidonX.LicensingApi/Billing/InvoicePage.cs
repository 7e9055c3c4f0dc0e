using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Billing;

/// <summary>An invoice as a page to read and to print: no script, nothing from elsewhere, everything that somebody has written encoded.</summary>
internal static class InvoicePage
{
    private const string Style =
        """
        body{font:14px/1.5 system-ui,sans-serif;color:#111;max-width:48rem;margin:2rem auto;padding:0 1rem}
        header,section{display:flex;justify-content:space-between;gap:2rem;margin-bottom:1.5rem}
        h1{font-size:1.5rem;margin:0}p{margin:0;white-space:pre-line;overflow-wrap:anywhere}
        table{width:100%;border-collapse:collapse}th,td{padding:.4rem .5rem;text-align:left;border-bottom:1px solid #ddd;overflow-wrap:anywhere}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}tfoot td{border:0}tfoot tr:last-child{font-weight:bold}
        .status{text-transform:uppercase;letter-spacing:.05em}
        @media print{body{margin:0;max-width:none;font-size:11pt}tr{break-inside:avoid}thead{display:table-header-group}}
        @page{margin:18mm}
        """;

    private static readonly string ContentSecurityPolicy =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>Writes it.</summary>
    public static Task WriteAsync(HttpContext context, ShownInvoice shown)
    {
        Envelope.SetHeaders(context);
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = "private, no-store";
        return response.WriteAsync(Render(shown), context.RequestAborted);
    }

    /// <summary>The page.</summary>
    public static string Render(ShownInvoice shown)
    {
        var (invoice, currency) = (shown.Invoice, shown.Invoice.Currency);
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture,
            $"""
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{Text($"Invoice {invoice.Number}")}</title><style>{Style}</style></head>
            <body>
            <header><h1>{Text($"Invoice {invoice.Number}")}</h1><p class="status">{Text(invoice.Status)}</p></header>
            <section><p>{Party(shown.Seller)}</p><p>{Party(shown.Customer)}</p></section>
            <section><p>{Text($"Issued {Day(invoice.IssuedAt)}\nFor {Day(invoice.PeriodStart)} to {Day(invoice.PeriodEnd)}")}</p><p>{Text(Payment(invoice))}</p></section>
            <table>
            <thead><tr><th scope="col">Description</th><th scope="col">Time</th><th scope="col" class="n">Quantity</th><th scope="col" class="n">{Text(currency)}</th></tr></thead>
            <tbody>
            """);
        foreach (var line in shown.Lines.Where(line => line.TaxBasisPoints is null))
        {
            var time = line is { PeriodStart: { } start, PeriodEnd: { } end } ? $"{Day(start)} – {Day(end)}" : "";
            page.Append(CultureInfo.InvariantCulture, $"\n<tr><td>{Text(line.Description)}</td><td>{Text(time)}</td><td class=\"n\">{line.Quantity}</td><td class=\"n\">{Money(line.AmountCents)}</td></tr>");
        }

        page.Append("\n</tbody>\n<tfoot>");
        Sum("Subtotal", invoice.SubtotalCents);
        foreach (var tax in shown.Lines.Where(line => line.TaxBasisPoints is not null))
        {
            Sum(string.Create(CultureInfo.InvariantCulture, $"{tax.Description} {tax.TaxBasisPoints / 100m:0.##} %"), tax.AmountCents);
        }

        Sum($"Total {currency}", invoice.TotalCents);
        page.Append(CultureInfo.InvariantCulture, $"\n</tfoot>\n</table>\n<p>{Text(shown.Seller.Note ?? "")}</p>\n</body>\n</html>\n");
        return page.ToString();

        void Sum(string name, long cents) =>
            page.Append(CultureInfo.InvariantCulture, $"\n<tr><td colspan=\"3\" class=\"n\">{Text(name)}</td><td class=\"n\">{Money(cents)}</td></tr>");
    }

    private static string Payment(InvoiceSummary invoice) =>
        invoice.PaidAt is { } paid ? $"Paid {Day(paid)}" : invoice is { Status: "open", DueAt: { } due } ? $"Payable until {Day(due)}" : "";

    private static string Party(ShownParty party) =>
        Text(string.Join('\n', new[] { party.Name, party.Address, party.Country, party.TaxId }.Where(line => !string.IsNullOrEmpty(line))));

    private static string Day(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Money(long cents) => (cents / 100m).ToString("N2", CultureInfo.InvariantCulture);

    // Line breaks stay: the style shows them.
    private static string Text(string text) => HtmlEncoder.Default.Encode(text).Replace("&#xA;", "\n", StringComparison.Ordinal);
}
