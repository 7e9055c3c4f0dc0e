using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Fields;

/// <summary>A text: blanks around it are cut off, control characters are refused, its length in UTF-16 characters is bounded.</summary>
internal class TextAttribute(int maximum, int minimum = 1) : FieldAttribute
{
    /// <summary>Most characters.</summary>
    public int Maximum { get; } = maximum;

    /// <summary>Fewest characters.</summary>
    public int Minimum { get; } = minimum;

    /// <summary>What it has to match, if anything.</summary>
    public string? Pattern { get; init; }

    /// <summary>The sentence for one that does not match.</summary>
    public string PatternMessage { get; init; } = "Has characters that it must not have.";

    /// <summary>Whether it may have line breaks and tabs.</summary>
    public bool IsMultiline { get; init; }

    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return place.Fail("Must be a string.");
        }

        if (RequestBody.ReadText(value)?.Trim() is not { } text)
        {
            return place.Fail("Must be valid Unicode text.");
        }

        if (text.Length < Minimum || text.Length > Maximum)
        {
            return place.Fail(string.Create(CultureInfo.InvariantCulture, $"Must have {Minimum} to {Maximum} characters."));
        }

        if (text.Any(c => char.IsControl(c) && !(IsMultiline && c is '\n' or '\r' or '\t')))
        {
            return place.Fail("Must not contain control characters.");
        }

        return Pattern is not null && !Regex.IsMatch(text, Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)
            ? place.Fail(PatternMessage)
            : Accept(text, place);
    }

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.MinLength = Minimum;
        schema.MaxLength = Maximum;
        schema.Pattern = Pattern;
    }

    /// <summary>What more has to be checked.</summary>
    protected virtual object? Accept(string text, FieldPlace place) => text;
}

/// <summary>A code of letters, digits and <c>. _ -</c>.</summary>
internal sealed class CodeAttribute : TextAttribute
{
    public CodeAttribute(int maximum)
        : base(maximum)
    {
        Pattern = "^[A-Za-z0-9._-]+$";
        PatternMessage = "Must only have A-Z a-z 0-9 . _ -";
    }
}

/// <summary>An e-mail address that is only kept, as it is written. One that names an account is an <see cref="Platform.Accounts.EmailAddress"/>.</summary>
internal sealed class ContactAttribute() : TextAttribute(Platform.Accounts.EmailAddress.MaximumLength, 3)
{
    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        base.Describe(schema);
        schema.Format = "email";
    }

    /// <inheritdoc/>
    protected override object? Accept(string text, FieldPlace place)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 && text.IndexOf('@', at + 1) < 0 && !text.Any(c => char.IsWhiteSpace(c) || c is '<' or '>' or '"' or ',' or ';')
            ? text
            : place.Fail("Must be an e-mail address.");
    }
}

/// <summary>A text as it is, blanks and all: a password or a token.</summary>
internal sealed class SecretAttribute(int maximum, int minimum = 1) : FieldAttribute
{
    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place) =>
        RequestBody.ReadText(value) is { } text && text.Length <= maximum && text.Length >= minimum
            ? text
            : place.Fail(string.Create(CultureInfo.InvariantCulture, $"Must be a string of {minimum} to {maximum} characters."));

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.MinLength = minimum;
        schema.MaxLength = maximum;
        schema.Format = "password";
    }
}

/// <summary>One of a few words.</summary>
internal sealed class WordsAttribute(params string[] words) : FieldAttribute
{
    /// <inheritdoc/>
    public override object? Read(JsonElement value, FieldPlace place) =>
        RequestBody.ReadText(value) is { } text && words.Contains(text, StringComparer.Ordinal) ? text : place.Fail($"Must be one of: {string.Join(", ", words)}.");

    /// <inheritdoc/>
    public override void Describe(OpenApiSchema schema)
    {
        schema.Enum = [.. words.Select(word => (System.Text.Json.Nodes.JsonNode)word)];
        if (schema.Type?.HasFlag(JsonSchemaType.Null) == true)
        {
            schema.Enum.Add(null!);
        }
    }
}
