using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using ValidonX.LicensingApi.Csv;
using ValidonX.LicensingApi.Entitlements;
using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>The columns of a CSV of licenses, and how the cells of a row become the JSON object that the same license would be sent as.</summary>
internal sealed class CsvColumns : IDisposable
{
    /// <summary>What concerns the head line is told under this name.</summary>
    public const string HeadLine = "head";

    private const string EntitlementPrefix = "entitlements.";

    /// <summary>Columns of an export that say what an import cannot: they are passed over.</summary>
    private static readonly string[] Ignored = ["id", "activations_count", "last_used_at", "created_at"];

    private static readonly string[] Texts = ["key", "type", "product_id", "product", "expires_at", "status"];

    private readonly Column[] _columns;
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private readonly Utf8JsonWriter _writer;

    private CsvColumns(Column[] columns, string head)
    {
        _columns = columns;
        Head = head;
        _writer = new Utf8JsonWriter(_buffer, new JsonWriterOptions { SkipValidation = true });
    }

    private enum Kind
    {
        Ignored,
        Text,
        Number,
        Json,
        Name,
        Email,
        Entitlement,
        Policy,
    }

    /// <summary>The head line in one form.</summary>
    public string Head { get; }

    /// <summary>Reads a head line.</summary>
    /// <exception cref="Platform.Api.ApiException">422: with every column that there is not.</exception>
    public static CsvColumns Of(string[] head)
    {
        var errors = new FieldErrors();
        if (head.Length > ImportLimits.Columns)
        {
            errors.Add(HeadLine, string.Create(CultureInfo.InvariantCulture, $"Must not have more than {ImportLimits.Columns} columns."));
            errors.ThrowIfAny();
        }

        var columns = head.Select(name => Of(name.Trim(), errors)).ToArray();
        foreach (var twice in columns.GroupBy(column => column.Name, StringComparer.Ordinal).Where(same => same.Count() > 1))
        {
            errors.Add(Shown(twice.Key), "There is more than one column of this name.");
        }

        foreach (var (whole, kind, part) in new[] { ("entitlements", Kind.Entitlement, "code"), ("policy", Kind.Policy, "member") })
        {
            if (columns.Any(column => column.Kind == kind) && columns.Any(column => column.Name == whole))
            {
                errors.Add(whole, $"Have one column of this name, or one for each {part}, not both.");
            }
        }

        errors.ThrowIfAny();
        return new CsvColumns(columns, string.Join('\n', columns.Select(column => column.Name)));
    }

    /// <summary>Reads a row.</summary>
    public ImportRow Read(string[] cells)
    {
        var errors = new FieldErrors();
        _buffer.Clear();
        _writer.Reset();
        _writer.WriteStartObject();
        if (cells.Length != _columns.Length)
        {
            errors.Add(ImportRow.WholeRow, string.Create(CultureInfo.InvariantCulture, $"Has {cells.Length} cells where the head line has {_columns.Length}."));
            // What tells it from others.
            _writer.WriteString("cells", string.Join('\u001f', cells));
        }
        else
        {
            Write(cells, errors);
        }

        _writer.WriteEndObject();
        _writer.Flush();
        return new ImportRow(_buffer.WrittenSpan.ToArray(), errors.IsEmpty ? null : errors.All);
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private static Column Of(string name, FieldErrors errors)
    {
        if (name.StartsWith(EntitlementPrefix, StringComparison.OrdinalIgnoreCase))
        {
            var code = name[EntitlementPrefix.Length..];
            if (!Entitlement.IsCode(code))
            {
                errors.Add(Shown(name), "Codes have 1 to 100 characters of A-Z a-z 0-9 . _ -");
            }

            return new Column(EntitlementPrefix + code, Kind.Entitlement, code);
        }

        var plain = name.ToLowerInvariant();
        var column = plain switch
        {
            "grace_days" => new Column(plain, Kind.Number, plain),
            "customer_name" or "customer.name" => new Column("customer_name", Kind.Name, "name"),
            "customer_email" or "customer.email" => new Column("customer_email", Kind.Email, "email"),
            "entitlements" or "metadata" or "policy" => new Column(plain, Kind.Json, plain),
            _ when PolicyColumns.Find(plain) is { } policy => new Column(plain, Kind.Policy, plain) { Policy = policy },
            _ when Texts.Contains(plain, StringComparer.Ordinal) => new Column(plain, Kind.Text, plain),
            _ when Ignored.Contains(plain, StringComparer.Ordinal) => new Column(plain, Kind.Ignored, plain),
            _ => null,
        };
        if (column is null)
        {
            errors.Add(Shown(name), "There is no such column.");
        }

        return column ?? new Column(name, Kind.Ignored, name);
    }

    /// <summary>A name that a stranger has chosen, no longer than one can read.</summary>
    private static string Shown(string name) => name.Length == 0 ? HeadLine : name.Length <= 128 ? name : name[..128];

    private void Write(string[] cells, FieldErrors errors)
    {
        foreach (var (index, column) in _columns.Index())
        {
            var cell = CsvCell.Read(cells[index]);
            if (cell.Length == 0)
            {
                continue;
            }

            if (cell.Contains('\uFFFD', StringComparison.Ordinal))
            {
                errors.Add(column.Name, "Must be valid UTF-8 text.");
            }

            switch (column.Kind)
            {
                case Kind.Text:
                    _writer.WriteString(column.Member, cell.Trim());
                    break;
                case Kind.Number when long.TryParse(cell, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number):
                    _writer.WriteNumber(column.Member, number);
                    break;
                case Kind.Number:
                    _writer.WriteString(column.Member, cell);
                    break;
                case Kind.Json when IsJson(cell):
                    _writer.WritePropertyName(column.Member);
                    _writer.WriteRawValue(cell, skipInputValidation: true);
                    break;
                case Kind.Json:
                    errors.Add(column.Name, "Must be a JSON object.");
                    _writer.WriteString(column.Member, cell);
                    break;
            }
        }

        WriteObject("customer", cells, column => column.Kind is Kind.Name or Kind.Email, (column, cell) => _writer.WriteString(column.Member, cell));
        WriteObject("entitlements", cells, column => column.Kind == Kind.Entitlement, WriteEntitlement);
        WritePolicy(cells);
    }

    private void WritePolicy(string[] cells)
    {
        JsonObject? policy = null;
        foreach (var (index, column) in _columns.Index())
        {
            if (column.Policy is { } member && CsvCell.Read(cells[index]) is { Length: > 0 } cell)
            {
                (policy ??= []).Add(member, cell);
            }
        }

        if (policy is not null)
        {
            _writer.WritePropertyName("policy");
            policy.WriteTo(_writer);
        }
    }

    private void WriteObject(string name, string[] cells, Func<Column, bool> isIn, Action<Column, string> write)
    {
        var isBegun = false;
        foreach (var (index, column) in _columns.Index())
        {
            if (!isIn(column) || CsvCell.Read(cells[index]) is not { Length: > 0 } cell)
            {
                continue;
            }

            if (!isBegun)
            {
                _writer.WriteStartObject(name);
                isBegun = true;
            }

            write(column, cell);
        }

        if (isBegun)
        {
            _writer.WriteEndObject();
        }
    }

    /// <summary>A cell of an entitlement is what it looks like: a truth, a number, <c>{"limit": …}</c>; else a text, in quotation marks when it would look like one of the others.</summary>
    private void WriteEntitlement(Column column, string cell)
    {
        var plain = cell.Trim();
        _writer.WritePropertyName(column.Member);
        if (plain.Equals("true", StringComparison.OrdinalIgnoreCase) || plain.Equals("false", StringComparison.OrdinalIgnoreCase))
        {
            _writer.WriteBooleanValue(plain.Length == 4);
        }
        else if ((plain[..Math.Min(1, plain.Length)] is ['{' or '"' or '-' or (>= '0' and <= '9')]) && IsJson(plain))
        {
            _writer.WriteRawValue(plain, skipInputValidation: true);
        }
        else
        {
            _writer.WriteStringValue(cell);
        }
    }

    private static bool IsJson(string text)
    {
        try
        {
            var reader = new Utf8JsonReader(System.Text.Encoding.UTF8.GetBytes(text));
            return reader.Read() && reader.TrySkip() && !reader.Read();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <param name="Name">As it is told in errors.</param>
    /// <param name="Kind">What its cells are.</param>
    /// <param name="Member">The member that it becomes.</param>
    private sealed record Column(string Name, Kind Kind, string Member)
    {
        /// <summary>Of a policy, the member.</summary>
        public PolicyColumn? Policy { get; init; }
    }
}
