using System.Data.Common;
using System.Globalization;
using System.Text;

namespace ValidonX.Platform.Databases;

/// <summary>
/// One <c>INSERT</c> with many rows, every value a parameter. Without the mapper that the other statements go through: of texts that are never the same it would keep nothing, and
/// looking at each of some thousand parameters again costs more than the server takes for the rows.
/// </summary>
/// <param name="table">The table.</param>
/// <param name="columns">Its columns, in the order of the values.</param>
public sealed class RowInsert(string table, params string[] columns)
{
    private readonly List<object?> _values = [];

    /// <summary>How many rows there are.</summary>
    public int Count => _values.Count / columns.Length;

    /// <summary>Adds a row.</summary>
    /// <exception cref="ArgumentException">It has not a value for each column.</exception>
    public void Add(params ReadOnlySpan<object?> values)
    {
        if (values.Length != columns.Length)
        {
            throw new ArgumentException("A row needs a value for each column.", nameof(values));
        }

        _values.AddRange(values);
    }

    /// <summary>Executes it; with no row it does nothing.</summary>
    public async Task ExecuteAsync(DbTransaction transaction, CancellationToken cancellationToken)
    {
        if (_values.Count == 0)
        {
            return;
        }

        await using var command = transaction.Connection!.CreateCommand();
        command.Transaction = transaction;
        var sql = new StringBuilder($"INSERT INTO {table} ({string.Join(", ", columns)}) VALUES ");
        for (var index = 0; index < _values.Count; index++)
        {
            var column = index % columns.Length;
            sql.Append(column > 0 ? "," : index == 0 ? "(" : ",(");
            if (_values[index] is { } value)
            {
                var name = string.Create(CultureInfo.InvariantCulture, $"@v{index}");
                var parameter = command.CreateParameter();
                (parameter.ParameterName, parameter.Value) = (name, Stored(value));
                command.Parameters.Add(parameter);
                sql.Append(name);
            }
            else
            {
                sql.Append("NULL");
            }

            if (column == columns.Length - 1)
            {
                sql.Append(')');
            }
        }

        command.CommandText = sql.ToString();
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>As <see cref="SqlTypes"/> has it.</summary>
    private static object Stored(object value) =>
        value switch
        {
            Guid id => id.ToString(),
            DateTimeOffset time => new DateTime(time.UtcTicks - (time.UtcTicks % TimeSpan.TicksPerMicrosecond), DateTimeKind.Utc),
            _ => value,
        };
}
