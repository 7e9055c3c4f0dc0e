using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Dapper;
using Spectre.Console;
using ValidonX.Benchmarks.Gateway;
using ValidonX.Benchmarks.Reporting;
using ValidonX.Platform.Databases;

namespace ValidonX.Benchmarks.Bulk;

/// <summary>
/// Imports through the real gateway and licensing API, each into a tenant of its own, against the bare rows: the licenses, their entitlements and their events in statements of five hundred
/// rows each, written by the administrator. What the import has beyond them is what makes them licenses: reading, rules, keys that are taken, the plan, the digest, the announcement.
/// </summary>
internal static class ImportBenchmark
{
    private const int BatchRows = 500;
    private const int Aim = 5_000;

    /// <summary>Runs everything and prints the table.</summary>
    public static async Task RunAsync(int rows, int rounds)
    {
        AnsiConsole.MarkupLine("Starting the stack…");
        await using var stack = await BenchmarkStack.StartAsync("--Stack:Demo=false");
        var memory = new PeakMemory(await stack.ProcessIdAsync("licensing-api-1"));
        using var client = new HttpClient { BaseAddress = new UriBuilder("http", "127.0.0.1", stack.GatewayPort).Uri, Timeout = TimeSpan.FromMinutes(10) };
        var tenants = await stack.CreateTenantsAsync((2 * rounds) + 2, licenses: 0);
        var (small, file) = (File(rows / 10), File(rows));
        await ImportAsync(client, tenants[0], small, rows / 10);
        memory.Reset();
        await ImportAsync(client, tenants[1], small, rows / 10);
        var little = memory.Read();
        var (import, bare, peak) = (new Series("import through the gateway"), new Series("bare INSERTs"), new Series("peak"));
        for (var round = 0; round < rounds; round++)
        {
            bare.Add(rows / await InsertAsync(stack, tenants[2 + (2 * round)], rows));
            memory.Reset();
            import.Add(rows / await ImportAsync(client, tenants[3 + (2 * round)], file, rows));
            peak.Add(memory.Read());
        }

        var table = new Table().Title(string.Create(CultureInfo.InvariantCulture, $"{rows} licenses ({file.Length / 1024 / 1024} MiB of JSON lines), {rounds} alternating rounds, rows a second"))
            .AddColumn("what").AddColumn(new TableColumn("median").RightAligned()).AddColumn(new TableColumn("slowest").RightAligned()).AddColumn(new TableColumn("ratio").RightAligned());
        table.AddRow(bare.Name, Figure.Text(bare.Median, "0"), Figure.Text(bare.Minimum, "0"), "1");
        table.AddRow(import.Name, Figure.Text(import.Median, "0"), Figure.Text(import.Minimum, "0"), Figure.Text(import.RatioTo(bare), "0.00"));
        AnsiConsole.Write(table);
        AnsiConsole.MarkupLine($"Most memory of the licensing API: {Figure.Text(peak.Maximum, "0")} MiB, with a tenth of the rows {Figure.Text(little, "0")} MiB.");
        AnsiConsole.MarkupLine(import.Median >= Aim ? $"Aim met: at least {Aim} rows a second." : $"Aim missed: at least {Aim} rows a second.");
    }

    private static byte[] File(int rows) => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, rows).Select(Line)));

    private static string Line(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $"{{\"key\":\"IMPORT-2026-{number:D8}\",\"type\":\"subscription\",\"expires_at\":\"2031-01-02T03:04:05Z\",\"grace_days\":14,\"customer\":{{\"name\":\"Customer {number}\",\"email\":\"c{number}@example.com\"}},\"metadata\":{{\"order\":\"A-{number}\"}},\"entitlements\":{{\"export.pdf\":true,\"seats\":5}}}}\n");

    /// <returns>Seconds.</returns>
    private static async Task<double> ImportAsync(HttpClient client, BenchmarkTenant tenant, byte[] file, int rows)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/tenant/licenses/import") { Content = new ByteArrayContent(file) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tenant.BearerToken);
        request.Headers.Add("Idempotency-Key", "import");
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        var started = Stopwatch.GetTimestamp();
        using var response = await client.SendAsync(request);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var answer = await response.Content.ReadAsStringAsync();
        return response.IsSuccessStatusCode && (int)JsonNode.Parse(answer)!["data"]!["import"]!["created"]! == rows ? seconds : throw new InvalidOperationException(answer);
    }

    /// <returns>Seconds.</returns>
    private static async Task<double> InsertAsync(BenchmarkStack stack, BenchmarkTenant tenant, int rows)
    {
        await using var platform = new PlatformDatabase(ConnectionSettings.Parse(await stack.ConnectionStringAsync("platform")));
        await using var connection = await platform.OpenAsync(CancellationToken.None);
        var database = DatabaseName.Parse((await connection.ExecuteScalarAsync<string>("SELECT database_name FROM tenants WHERE id = @Id", new { tenant.Id }))!);
        await connection.ExecuteAsync($"USE {database.Quoted}");
        var now = DateTimeOffset.UtcNow;
        var started = Stopwatch.GetTimestamp();
        for (var from = 0; from < rows; from += BatchRows)
        {
            var licenses = new RowInsert("license_keys", "id", "license_key", "type", "status", "expires_at", "grace_days", "customer_name", "customer_email", "metadata", "created_at", "updated_at");
            var entitlements = new RowInsert("entitlements", "license_id", "code", "kind", "value", "source", "updated_at");
            var events = new RowInsert("outbox", "id", "type", "occurred_at", "actor_type", "actor_id", "subject_type", "subject_id", "request_id", "data");
            for (var number = from; number < Math.Min(rows, from + BatchRows); number++)
            {
                var id = Guid.CreateVersion7();
                var line = Line(number);
                licenses.Add(id, $"IMPORT-2026-{number:D8}", "subscription", "active", now, 14, $"Customer {number}", $"c{number}@example.com", $"{{\"order\":\"A-{number}\"}}", now, now);
                entitlements.Add(id, "export.pdf", "boolean", "true", "license", now);
                entitlements.Add(id, "seats", "number", "5", "license", now);
                events.Add(Guid.CreateVersion7(), "license.created", now, "user", id, "license", id, "request", line);
            }

            await using var transaction = await connection.BeginTransactionAsync();
            await licenses.ExecuteAsync(transaction, CancellationToken.None);
            await entitlements.ExecuteAsync(transaction, CancellationToken.None);
            await events.ExecuteAsync(transaction, CancellationToken.None);
            await transaction.CommitAsync();
        }

        return Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
