using System.Globalization;
using System.Text;
using Dapper;

namespace ValidonX.Platform.Databases;

/// <summary>Statements written as interpolated strings: whatever is interpolated becomes a parameter, except a part that is itself such a statement.</summary>
public sealed class InterpolatedSql
{
    private readonly StringBuilder _sql = new();
    private int _count;

    /// <summary>What has been added.</summary>
    public string Text => _sql.ToString();

    /// <summary>The values that were interpolated.</summary>
    public DynamicParameters Parameters { get; } = new();

    /// <summary>Adds a statement or a part of one.</summary>
    public InterpolatedSql Add(FormattableString sql)
    {
        _sql.Append(Expand(sql));
        return this;
    }

    /// <summary>Adds a text as it is, such as a list of columns; never a value.</summary>
    public InterpolatedSql AddText(string text)
    {
        _sql.Append(text);
        return this;
    }

    /// <summary>Adds parts of a statement with the same text between them.</summary>
    /// <param name="parts">At least one.</param>
    /// <param name="separator">The text, no value of anybody's.</param>
    public InterpolatedSql AddJoined(IEnumerable<FormattableString> parts, string separator = ", ")
    {
        var isFirst = true;
        foreach (var part in parts)
        {
            _sql.Append(isFirst ? "" : separator).Append(Expand(part));
            isFirst = false;
        }

        return this;
    }

    /// <summary>All of it as a command.</summary>
    public CommandDefinition ToCommand(CancellationToken cancellationToken) => new(Text, Parameters, cancellationToken: cancellationToken);

    private string Expand(FormattableString sql)
    {
        var parts = new object[sql.ArgumentCount];
        for (var i = 0; i < parts.Length; i++)
        {
            if (sql.GetArgument(i) is FormattableString part)
            {
                parts[i] = Expand(part);
                continue;
            }

            var name = string.Create(CultureInfo.InvariantCulture, $"p{_count++}");
            Parameters.Add(name, sql.GetArgument(i));
            parts[i] = $"@{name}";
        }

        return string.Format(CultureInfo.InvariantCulture, sql.Format, parts);
    }
}
