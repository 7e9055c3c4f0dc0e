using System.Diagnostics.CodeAnalysis;

namespace ValidonX.Platform.Databases;

/// <summary>The name of a table as schema scripts give it (<c>a-z 0-9 _</c>), so that it may be put into SQL text.</summary>
internal readonly record struct TableName
{
    private readonly string _value;

    private TableName(string value) => _value = value;

    /// <summary>The name as a quoted SQL identifier.</summary>
    public string Quoted => $"`{_value}`";

    /// <summary>Accepts a name out of a server's catalog.</summary>
    public static bool TryParse([NotNullWhen(true)] string? value, out TableName name)
    {
        name = default;
        if (value is not { Length: > 0 and <= 64 } || !value.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
        {
            return false;
        }

        name = new TableName(value);
        return true;
    }
}
