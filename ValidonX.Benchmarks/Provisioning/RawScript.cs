using System.Data.Common;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Dapper;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Schema;

namespace ValidonX.Benchmarks.Provisioning;

/// <summary>
/// The floor: everything that a provisioning run leaves behind, written by one script in one message over one open connection, each
/// database's rows in one transaction. It knows no stages, survives no crash and tells nobody.
/// </summary>
internal sealed class RawScript(DbConnection administrator)
{
    /// <summary>Milliseconds that one tenant took.</summary>
    public async Task<double> RunAsync()
    {
        var tenant = Guid.CreateVersion7();
        var database = DatabaseName.Parse($"vx_tenant_{tenant:N}_rawx");
        var role = RoleName.Of(tenant);
        var sql =
            $"""
            CREATE DATABASE {database.Quoted} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
            CREATE ROLE {role.Quoted};
            GRANT SELECT, INSERT, UPDATE, DELETE ON {database.GrantPattern}.* TO {role.Quoted};
            GRANT {role.Quoted} TO '{DatabaseAccount.Tenants}'@'%';
            USE {database.Quoted};
            CREATE TABLE schema_migrations (
              number INT UNSIGNED NOT NULL PRIMARY KEY, name VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
              checksum CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, applied_at DATETIME(6) NOT NULL
            ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
            {string.Join('\n', SchemaScript.Tenant.Select(script => script.Sql))}
            START TRANSACTION;
            INSERT INTO schema_migrations VALUES {string.Join(", ", SchemaScript.Tenant.Select(script => $"({script.Number}, '{script.Name}', '{script.Checksum}', @now)"))};
            INSERT INTO settings VALUES ('locale', '"en"', @now), ('timezone', '"UTC"', @now);
            INSERT INTO entitlements (license_id, code, kind, value, hard_limit, source, updated_at)
            SELECT '', code, kind, value, 1, 'plan', @now FROM {PlatformDatabase.Name}.plan_entitlements WHERE plan_code = 'starter';
            INSERT INTO usage_counters (license_id, code, period_start, used, updated_at) VALUES
              ('', 'products.max', '1970-01-01', 0, @now), ('', 'licenses.max', '1970-01-01', 0, @now), ('', 'activations.total', '1970-01-01', 0, @now);
            INSERT INTO branding VALUES ('display_name', '"Benchmark"', @now), ('primary_color', '"#2563eb"', @now);
            COMMIT;
            USE {PlatformDatabase.Name};
            START TRANSACTION;
            INSERT INTO tenants (id, name, slug, status, plan_code, region, server_name, database_name, schema_version, created_at, updated_at)
            SELECT @tenant, 'Benchmark', @slug, 'active', 'starter', region, name, '{database.Value}', 1, @now, @now FROM database_servers ORDER BY name LIMIT 1;
            INSERT INTO provisioning_runs (id, tenant_id, status, attempts, created_at, started_at, finished_at)
            VALUES (@run, @tenant, 'succeeded', 1, @now, @now, @now);
            {StageRows()};
            INSERT INTO jobs (id, tenant_id, kind, payload, status, attempts, max_attempts, created_at, finished_at)
            VALUES (@job, @tenant, 'provision', '{new ProvisioningJob(tenant).ToPayload()}', 'succeeded', 1, 8, @now, @now);
            INSERT INTO job_queues (tenant_id, waiting, last_served_at, next_at) VALUES (@tenant, 0, @now, @now);
            INSERT INTO subscriptions (id, tenant_id, plan_code, status, current_period_start, current_period_end, created_at, updated_at)
            VALUES (@job, @tenant, 'starter', 'active', @now, @now, @now, @now);
            INSERT INTO api_keys (id, tenant_id, name, key_hash, hint, sealed_key, scopes, allowed_ips, status, provisioned, created_at)
            VALUES (@job, @tenant, 'First key', @hash, 'abcd', @bytes, '[]', '[]', 'active', 1, @now);
            INSERT INTO webhook_endpoints (id, tenant_id, url, status, events, sealed_secret, placeholder, created_at, updated_at)
            VALUES (@job, @tenant, NULL, 'disabled', '[]', @bytes, 1, @now, @now);
            {AuditRows()};
            COMMIT
            """;
        var parameters = new
        {
            tenant,
            run = Guid.CreateVersion7(),
            job = Guid.CreateVersion7(),
            slug = $"t-{tenant:N}",
            now = DateTimeOffset.UtcNow,
            hash = tenant.ToByteArray().Concat(tenant.ToByteArray()).ToArray(),
            bytes = new byte[95],
        };

        var started = Stopwatch.GetTimestamp();
        await administrator.ExecuteAsync(sql, parameters);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static string StageRows()
    {
        var rows = new StringBuilder("INSERT INTO provisioning_stages (run_id, number, name, status, attempts, started_at, finished_at, duration_ms) VALUES ");
        foreach (var (index, name) in ProvisioningStages.InOrder.Index())
        {
            rows.Append(CultureInfo.InvariantCulture, $"{(index == 0 ? "" : ", ")}(@run, {index + 1}, '{name}', 'succeeded', 1, @now, @now, 1)");
        }

        return rows.ToString();
    }

    private static string AuditRows()
    {
        var rows = new StringBuilder(
            "INSERT INTO audit_logs (id, tenant_id, actor_type, action, subject_type, subject_id, details, dedupe_key, created_at) VALUES ");
        for (var number = 0; number <= ProvisioningStages.InOrder.Length; number++)
        {
            rows.Append(
                CultureInfo.InvariantCulture,
                $"{(number == 0 ? "" : ", ")}('{Guid.CreateVersion7()}', @tenant, 'system', 'provisioning.stage_succeeded', 'provisioning_run', @run, '{{}}', '{Guid.NewGuid()}', @now)");
        }

        return rows.ToString();
    }
}
