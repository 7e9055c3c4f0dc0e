using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Spectre.Console;
using ValidonX.Benchmarks.Gateway;
using ValidonX.Benchmarks.Reporting;

namespace ValidonX.Benchmarks.Pages;

/// <summary>
/// Asks for every page of the portal in turn, one at a time: what is measured is the page with all that it asks the gateway for. Then a browser opens some of them as somebody who was never there.
/// </summary>
internal static partial class PagesBenchmark
{
    private const int Aim = 200;
    private const string Password = "a password for the benchmark";

    private static readonly string[] OperatorPages =
    [
        "/operations", "/operations/tenants", "/operations/tenants?search=bench-a", "/operations/tenants/{tenant}", "/operations/servers", "/operations/alerts", "/operations/jobs", "/operations/plans",
        "/operations/flags", "/operations/audit", "/operations/mails", "/operations/invoices", "/operations/account", "/operations/plans/pro/alerts", "/operations/tenants/{tenant}/limits",
        "/operations/tenants/{tenant}/people",
    ];

    private static readonly string[] VendorPages =
    [
        "/dashboard", "/alerts", "/quickstart", "/products", "/licenses", "/licenses?search=IMPORT-2026-0005", "/licenses/new", "/imports", "/activations", "/usage", "/keys", "/webhooks", "/members", "/branding",
        "/billing", "/audit", "/tokens", "/tenants", "/single-sign-on", "/licenses/bulk", "/billing/details", "/account", "/account/security", "/account/invitations",
    ];

    /// <summary>Runs everything and prints the tables.</summary>
    public static async Task RunAsync(int tenants, int licenses, int rounds)
    {
        AnsiConsole.MarkupLine("Starting the stack…");
        // In development, as cookies go over plain HTTP there.
        await using var stack = await BenchmarkStack.StartAsync("--Stack:Demo=false", BenchmarkStack.Development);
        AnsiConsole.MarkupLine($"Making {Figure.Text(tenants)} tenants, one with {Figure.Text(licenses)} licenses…");
        var vendor = (await stack.CreateTenantsAsync(tenants, licenses: 0))[0];
        using var gateway = new HttpClient { BaseAddress = new UriBuilder("http", "127.0.0.1", stack.GatewayPort).Uri, Timeout = TimeSpan.FromMinutes(10) };
        await ImportAsync(gateway, vendor, licenses);
        var email = await PasswordAsync(stack, gateway, vendor);

        using var operators = await PortalSession.OpenAsync(stack.Address("portal"), BenchmarkStack.OperatorEmail, BenchmarkStack.DevelopmentPassword, isOperator: true);
        using var vendors = await PortalSession.OpenAsync(stack.Address("portal"), email, Password, isOperator: false);
        (PortalSession Session, string Path)[] pages =
        [
            .. OperatorPages.Select(path => (operators, path.Replace("{tenant}", vendor.Id.ToString(), StringComparison.Ordinal))), .. VendorPages.Select(path => (vendors, path)),
        ];
        var times = pages.Select(page => new Series(page.Path)).ToArray();
        var sizes = new int[pages.Length];
        for (var round = -2; round < rounds; round++)
        {
            for (var i = 0; i < pages.Length; i++)
            {
                var (milliseconds, bytes) = await pages[i].Session.GetAsync(pages[i].Path);
                sizes[i] = bytes;
                // The first rounds warm it up.
                if (round >= 0)
                {
                    times[i].Add(milliseconds);
                }
            }
        }

        var table = new Table().Title($"Pages with {Figure.Text(tenants)} tenants and {Figure.Text(licenses)} licenses, {Figure.Text(rounds)} rounds, milliseconds until the page is there")
            .AddColumn("page").AddColumn(new TableColumn("P50").RightAligned()).AddColumn(new TableColumn("P95").RightAligned()).AddColumn(new TableColumn("KiB, unpacked").RightAligned());
        foreach (var (series, bytes) in times.Zip(sizes))
        {
            table.AddRow(series.Name.Replace(vendor.Id.ToString(), "{id}", StringComparison.Ordinal), Figure.Text(series.Median, "0"), Figure.Text(Series.Percentile95(series.Values), "0"), Figure.Text(bytes / 1024));
        }

        AnsiConsole.Write(table);
        var slow = times.Where(series => Series.Percentile95(series.Values) > Aim).Select(series => series.Name).ToArray();
        AnsiConsole.MarkupLine(slow.Length == 0 ? $"Aim met: every page within {Aim} ms at P95." : $"Aim missed ({Aim} ms at P95): {string.Join(", ", slow)}");
        await PaintBenchmark.RunAsync(stack.Address("portal"), [("/sign-in", null), ("/dashboard", vendors), ("/licenses", vendors), ("/operations", operators), ("/operations/tenants", operators)]);
    }

    private static async Task ImportAsync(HttpClient gateway, BenchmarkTenant tenant, int rows)
    {
        var file = string.Concat(Enumerable.Range(0, rows).Select(number => string.Create(
            CultureInfo.InvariantCulture, $"{{\"key\":\"IMPORT-2026-{number:D8}\",\"customer\":{{\"name\":\"Customer {number}\",\"email\":\"c{number}@example.com\"}},\"entitlements\":{{\"seats\":5}}}}\n")));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tenant/licenses/import") { Content = new StringContent(file, Encoding.UTF8, "application/x-ndjson") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tenant.BearerToken);
        request.Headers.Add("Idempotency-Key", "import");
        using var answer = await gateway.SendAsync(request);
        _ = answer.EnsureSuccessStatusCode();
    }

    /// <summary>Gives the tenant's owner a password, as somebody who has forgotten theirs gets one.</summary>
    /// <returns>The owner's e-mail address.</returns>
    private static async Task<string> PasswordAsync(BenchmarkStack stack, HttpClient gateway, BenchmarkTenant tenant)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/account/profile");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tenant.BearerToken);
        using var answer = await gateway.SendAsync(request);
        var email = (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["data"]!["user"]!["email"]!;
        _ = (await gateway.PostAsJsonAsync("/v1/auth/forgot-password", new { email })).EnsureSuccessStatusCode();
        Match token;
        do
        {
            await Task.Delay(100);
            var mails = await stack.OperatorGetAsync($"/v1/admin/outbox?to={Uri.EscapeDataString(email)}");
            token = ResetLink().Match(string.Concat(mails.AsArray().Select(mail => (string?)mail!["text"])));
        }
        while (!token.Success);

        _ = (await gateway.PostAsJsonAsync("/v1/auth/reset-password", new { token = Uri.UnescapeDataString(token.Groups[1].Value), password = Password })).EnsureSuccessStatusCode();
        return email;
    }

    [GeneratedRegex(@"reset-password[?#]token=(\S+)")]
    private static partial Regex ResetLink();
}
