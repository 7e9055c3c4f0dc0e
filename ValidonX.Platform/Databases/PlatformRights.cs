using System.Data.Common;
using Dapper;

namespace ValidonX.Platform.Databases;

/// <summary>What the services' accounts may do in the platform database: written down here, made so by the provisioner at each start, whatever it was before.</summary>
internal static class PlatformRights
{
    private const string Read = "SELECT";

    private static readonly string[] ReadAndWrite = [Read, "INSERT", "UPDATE", "DELETE"];

    /// <summary>Columns of an API key that a gateway never sees: the sealed first key above all.</summary>
    private static readonly string[] UnreadableKeyColumns = ["sealed_key", "name", "hint"];

    /// <summary>What a gateway reads of how tenants' users sign in at issuers: neither the sealed secret nor who they are.</summary>
    private static readonly string[] UnreadableSignOnColumns = ["sealed_client_secret", "subject", "claimed_email"];

    /// <summary>Tables of which a gateway reads everything.</summary>
    internal static readonly string[] GatewayReads =
    [
        "api_call_months", "cut_off_replicas", "domains", "feature_flags", "gateway_clusters", "personal_access_tokens", "plan_entitlements", "plans", "rate_limit_overrides",
        "tenant_users", "tenants",
    ];

    /// <summary>Tables that steer the installation itself: whoever could write them could send tenants' traffic to a server of his own.</summary>
    private static readonly string[] ApiOnlyReads =
        ["alert_rounds", "alerts", "audit_chains", "database_servers", "database_server_options", "gateway_clusters", "plan_settings", "plans", "platform_alert_thresholds", "schema_versions",
            "tenant_hours"];

    /// <summary>Columns of an audit entry that say where it stands in its chain, which is the provisioner's alone to say.</summary>
    private static readonly string[] ChainColumns = ["position", "previous_hash", "hash"];

    /// <summary>The books: nobody but the administrator changes or removes a row.</summary>
    private static readonly string[] ApiOnlyAdds = ["billing_credits", "invoice_lines", "invoices", "payments", "stripe_events"];

    /// <summary>How an invoice stands; what it says never changes.</summary>
    private static readonly string[] InvoiceStanding = ["failed_at", "paid_at", "payment_note", "status"];

    /// <summary>What has become of money that came in; how much it was, from whom and for what never changes.</summary>
    private static readonly string[] PaymentStanding = ["dispute", "refunded_cents", "status"];

    /// <summary>What people do about an alert; what was measured never changes by them.</summary>
    private static readonly string[] AlertStanding = ["acknowledged_at", "acknowledged_by", "closed_at", "closed_by", "status"];

    /// <summary>One right of one account.</summary>
    /// <param name="Account">Whose.</param>
    /// <param name="Table">On which table.</param>
    /// <param name="Column">On which column, or empty for all of the table.</param>
    /// <param name="Privilege">What.</param>
    private sealed record Right(string Account, string Table, string Column, string Privilege);

    /// <summary>Takes what is there too much, gives what is missing; nothing when all is as it should be.</summary>
    /// <param name="connection">An administrator's, on the server of the platform database; the accounts exist.</param>
    /// <param name="cancellationToken">Stops between two changes.</param>
    public static async Task EnforceAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        await RevokeWholeDatabaseAsync(connection, cancellationToken);
        var columns = (await connection.QueryAsync<(string Table, string Column)>(new CommandDefinition(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = @Name",
            new { PlatformDatabase.Name },
            cancellationToken: cancellationToken))).ToLookup(row => row.Table, row => row.Column, StringComparer.Ordinal);
        var wanted = Wanted(columns).ToHashSet();
        var present = (await connection.QueryAsync<(string Grantee, string Table, string Column, string Privilege)>(new CommandDefinition(
            """
            SELECT grantee, table_name, '', privilege_type FROM information_schema.table_privileges WHERE table_schema = @Name
            UNION ALL
            SELECT grantee, table_name, column_name, privilege_type FROM information_schema.column_privileges WHERE table_schema = @Name
            """,
            new { PlatformDatabase.Name },
            cancellationToken: cancellationToken)))
            .Select(row => new Right(row.Grantee.Split('@')[0].Trim('\''), row.Table, row.Column, row.Privilege.ToUpperInvariant()))
            .Where(right => right.Account is DatabaseAccount.Tenants or DatabaseAccount.Gateway or DatabaseAccount.Api && right.Privilege != "USAGE")
            .ToHashSet();

        await ChangeAsync(connection, "REVOKE", "FROM", present.Except(wanted), cancellationToken);
        await ChangeAsync(connection, "GRANT", "TO", wanted.Except(present), cancellationToken);
    }

    private static IEnumerable<Right> Wanted(ILookup<string, string> columns)
    {
        foreach (var table in GatewayReads)
        {
            yield return new(DatabaseAccount.Gateway, table, "", Read);
        }

        foreach (var column in columns["api_keys"].Except(UnreadableKeyColumns, StringComparer.Ordinal))
        {
            yield return new(DatabaseAccount.Gateway, "api_keys", column, Read);
        }

        foreach (var table in (string[])["sso_subjects", "tenant_sso"])
        {
            foreach (var column in columns[table].Except(UnreadableSignOnColumns, StringComparer.Ordinal))
            {
                yield return new(DatabaseAccount.Gateway, table, column, Read);
            }
        }

        yield return new(DatabaseAccount.Gateway, "api_keys", "last_used_at", "UPDATE");
        yield return new(DatabaseAccount.Gateway, "personal_access_tokens", "last_used_at", "UPDATE");
        yield return new(DatabaseAccount.Gateway, "api_call_months", "", "INSERT");
        yield return new(DatabaseAccount.Gateway, "api_call_months", "", "UPDATE");
        foreach (var privilege in ReadAndWrite.Skip(1))
        {
            yield return new(DatabaseAccount.Gateway, "cut_off_replicas", "", privilege);
        }

        // What happens is recorded; the record itself neither of them changes, and a gateway does not see it either.
        foreach (var column in columns["audit_logs"].Except(ChainColumns, StringComparer.Ordinal))
        {
            yield return new(DatabaseAccount.Gateway, "audit_logs", column, "INSERT");
            yield return new(DatabaseAccount.Api, "audit_logs", column, "INSERT");
        }

        foreach (var (table, privilege) in columns.Select(table => table.Key).SelectMany(table => ReadAndWrite.Select(privilege => (table, privilege))))
        {
            var mayWrite = ApiOnlyAdds.Contains(table, StringComparer.Ordinal) ? privilege == "INSERT" : table != "audit_logs" && !ApiOnlyReads.Contains(table, StringComparer.Ordinal);
            if (privilege == Read || mayWrite)
            {
                yield return new(DatabaseAccount.Api, table, "", privilege);
            }
        }

        // Who may steer where new tenants go, and lock the servers while one is chosen; not who may say where a server is.
        foreach (var column in (string[])["accepts_tenants", "capacity_override", "updated_at"])
        {
            yield return new(DatabaseAccount.Api, "database_servers", column, "UPDATE");
        }

        // Operators edit plans, but a plan's pool of licensing APIs is none of it.
        foreach (var column in columns["plans"].Where(column => column != "cluster"))
        {
            yield return new(DatabaseAccount.Api, "plans", column, "INSERT");
            yield return new(DatabaseAccount.Api, "plans", column, "UPDATE");
        }

        yield return new(DatabaseAccount.Api, "plans", "", "DELETE");
        foreach (var column in InvoiceStanding)
        {
            yield return new(DatabaseAccount.Api, "invoices", column, "UPDATE");
        }

        foreach (var column in AlertStanding)
        {
            yield return new(DatabaseAccount.Api, "alerts", column, "UPDATE");
        }

        foreach (var column in PaymentStanding)
        {
            yield return new(DatabaseAccount.Api, "payments", column, "UPDATE");
        }
    }

    private static async Task RevokeWholeDatabaseAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var rights = await connection.QueryAsync<(string Grantee, string Pattern, string Privilege)>(new CommandDefinition(
            "SELECT grantee, table_schema, privilege_type FROM information_schema.schema_privileges WHERE REPLACE(table_schema, '\\\\', '') = @Name",
            new { PlatformDatabase.Name },
            cancellationToken: cancellationToken));
        foreach (var (grantee, pattern, privilege) in rights)
        {
            var account = grantee.Split('@')[0].Trim('\'');
            if (account is DatabaseAccount.Tenants or DatabaseAccount.Gateway or DatabaseAccount.Api && privilege != "USAGE")
            {
                await connection.ExecuteAsync(new CommandDefinition($"REVOKE {privilege} ON `{pattern}`.* FROM '{account}'@'%'", cancellationToken: cancellationToken));
            }
        }
    }

    private static async Task ChangeAsync(DbConnection connection, string verb, string preposition, IEnumerable<Right> rights, CancellationToken cancellationToken)
    {
        foreach (var one in rights.GroupBy(right => (right.Account, right.Table)))
        {
            var privileges = one.GroupBy(right => right.Privilege).SelectMany(same => Texts(same.Key, [.. same.Select(right => right.Column)]));
            await connection.ExecuteAsync(new CommandDefinition(
                $"{verb} {string.Join(", ", privileges)} ON {PlatformDatabase.Name}.{one.Key.Table} {preposition} '{one.Key.Account}'@'%'",
                cancellationToken: cancellationToken));
        }
    }

    private static IEnumerable<string> Texts(string privilege, IReadOnlyList<string> columns)
    {
        if (columns.Contains(""))
        {
            yield return privilege;
        }

        if (columns.Where(column => column.Length > 0).ToList() is { Count: > 0 } named)
        {
            yield return $"{privilege} ({string.Join(", ", named)})";
        }
    }
}
