using System.Data.Common;
using Dapper;
using ValidonX.Platform.Accounts;

namespace ValidonX.Platform.Schema;

/// <summary>
/// Brings the addresses of accounts that were stored before there was one form into it, so that the script after it can compare them byte by
/// byte. Where two accounts would become one, or an address has no such form, it stops before it changes anything.
/// </summary>
internal static class EmailAddressRows
{
    /// <summary>The name of the script that needs it.</summary>
    public const string Script = "email_addresses";

    private const int MostReported = 50;
    private static readonly string[] Tables = ["admins", "users"];

    /// <summary>Checks all rows, then rewrites those that are spelled otherwise.</summary>
    /// <exception cref="SchemaBlockedException">Names the rows by their ids, since the message goes to the log.</exception>
    public static async Task PrepareAsync(DbConnection connection, CancellationToken cancellationToken)
    {
        var obstacles = new List<string>();
        var rewritten = new List<(string Table, Guid Id, string Email)>();
        foreach (var table in Tables)
        {
            var accounts = new Dictionary<EmailAddress, List<Guid>>();
            foreach (var (id, email) in await connection.QueryAsync<(Guid Id, string Email)>(new CommandDefinition(
                $"SELECT id, email FROM {table} ORDER BY id",
                cancellationToken: cancellationToken)))
            {
                if (!EmailAddress.TryParse(email, out var address))
                {
                    obstacles.Add($"{table} {id}: not an address with an ASCII part before the @ and a domain.");
                    continue;
                }

                accounts.TryAdd(address, []);
                accounts[address].Add(id);
                if (address.Value != email)
                {
                    rewritten.Add((table, id, address.Value));
                }
            }

            obstacles.AddRange(accounts.Values.Where(ids => ids.Count > 1).Select(ids => $"{table} {string.Join(", ", ids)}: one address in several spellings."));
        }

        if (obstacles.Count > 0)
        {
            throw new SchemaBlockedException(
                "The e-mail addresses of accounts cannot be brought into one form, and nothing was changed. Give these rows of the platform database other addresses "
                + "or remove them, then start again:\n"
                + string.Join('\n', obstacles.Take(MostReported))
                + (obstacles.Count > MostReported ? $"\nand {obstacles.Count - MostReported} more" : ""));
        }

        foreach (var table in Tables)
        {
            // First, because under the old collation a new spelling may equal the old one of a row whose turn is still to come.
            await connection.ExecuteAsync(new CommandDefinition(
                $"ALTER TABLE {table} MODIFY email VARCHAR(254) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL",
                cancellationToken: cancellationToken));
        }

        foreach (var (table, id, email) in rewritten)
        {
            await connection.ExecuteAsync(new CommandDefinition(
                $"UPDATE {table} SET email = @email WHERE id = @id",
                new { email, id },
                cancellationToken: cancellationToken));
        }
    }
}
