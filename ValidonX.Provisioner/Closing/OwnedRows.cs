using System.Runtime.CompilerServices;
using ValidonX.Platform.Jobs;

namespace ValidonX.Provisioner.Closing;

/// <summary>Rows of a table of the platform database that are a tenant's. The table's name is the one text that becomes part of a statement as it is.</summary>
internal sealed record OwnedRows
{
    private readonly FormattableString _table;
    private readonly Func<Job, FormattableString> _condition;

    /// <summary>Names rows.</summary>
    /// <param name="table">The table, of lower-case letters and underscores.</param>
    /// <param name="condition">Finds them, for the job that deletes the tenant; by default by the tenant's id.</param>
    /// <exception cref="ArgumentException">That is no table's name.</exception>
    public OwnedRows(string table, Func<Job, FormattableString>? condition = null)
    {
        if (table.Length == 0 || !table.All(static letter => letter is '_' or (>= 'a' and <= 'z')))
        {
            throw new ArgumentException($"'{table}' is no table's name.", nameof(table));
        }

        Table = table;
        _table = FormattableStringFactory.Create(table);
        _condition = condition ?? (static job => $"tenant_id = {job.TenantId}");
    }

    /// <summary>The table's name.</summary>
    public string Table { get; }

    /// <summary>Asks whether there are any.</summary>
    public FormattableString Any(Job job) => $"SELECT EXISTS (SELECT 1 FROM {_table} WHERE {_condition(job)})";

    /// <summary>Deletes at most so many.</summary>
    public FormattableString Delete(Job job, int most) => $"DELETE FROM {_table} WHERE {_condition(job)} LIMIT {most}";
}
