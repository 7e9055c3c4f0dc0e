using System.Globalization;
using System.Text;
using System.Text.Json;
using ValidonX.Platform.Accounts;

namespace ValidonX.Platform.Api;

/// <summary>The getters: each notes what is wrong with its field and then gives a harmless value.</summary>
public sealed partial class RequestBody
{
    /// <summary>A string that must be there, not blank, of at most <paramref name="maximum"/> characters.</summary>
    public string RequiredText(string field, int maximum, int minimum = 1) => Text(field, maximum, minimum, required: true) ?? "";

    /// <summary>A string that may be absent or null.</summary>
    public string? OptionalText(string field, int maximum, int minimum = 1) => Text(field, maximum, minimum, required: false);

    /// <summary>One of a few words; absent is <paramref name="fallback"/>.</summary>
    public string Choice(string field, IReadOnlyList<string> choices, string fallback)
    {
        if (Find(field) is not { } value)
        {
            return fallback;
        }

        if (ReadText(value) is { } text && choices.Contains(text, StringComparer.Ordinal))
        {
            return text;
        }

        Fail(field, $"Must be one of: {string.Join(", ", choices)}.");
        return fallback;
    }

    /// <summary>A whole number within bounds, or absent.</summary>
    public long? OptionalInteger(string field, long minimum, long maximum)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= minimum && number <= maximum)
        {
            return number;
        }

        Fail(field, string.Create(CultureInfo.InvariantCulture, $"Must be a whole number from {minimum} to {maximum}."));
        return null;
    }

    /// <summary>A whole number within bounds that must be there.</summary>
    public long RequiredInteger(string field, long minimum, long maximum)
    {
        if (Find(field) is null)
        {
            Fail(field, "Is required.");
            return minimum;
        }

        return OptionalInteger(field, minimum, maximum) ?? minimum;
    }

    /// <summary>A time with offset (RFC 3339), or absent.</summary>
    public DateTimeOffset? OptionalTime(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (ReadText(value) is not null && value.TryGetDateTimeOffset(out var time) && time.Year is > 1970 and < 9999)
        {
            return time.ToUniversalTime();
        }

        Fail(field, "Must be a UTC time such as 2026-04-03T10:00:00Z.");
        return null;
    }

    /// <summary>An id, or absent.</summary>
    public Guid? OptionalId(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (Guid.TryParseExact(ReadText(value), "D", out var id))
        {
            return id;
        }

        Fail(field, "Must be an id (UUID).");
        return null;
    }

    /// <summary>An e-mail address that is only kept, as it is written; or absent. One that names an account is <see cref="RequiredEmail"/>.</summary>
    public string? OptionalContact(string field)
    {
        var text = OptionalText(field, EmailAddress.MaximumLength, 3);
        if (text is not null && !IsContact(text))
        {
            Fail(field, "Must be an e-mail address.");
            return null;
        }

        return text;
    }

    /// <summary>The e-mail address of an account, which must be there, in its canonical form.</summary>
    public EmailAddress RequiredEmail(string field)
    {
        if (Find(field) is not { } value)
        {
            Fail(field, "Is required.");
        }
        else if (EmailAddress.TryParse(ReadText(value), out var address))
        {
            return address;
        }
        else
        {
            Fail(field, "Must be an e-mail address with an ASCII part before the @, such as name@example.com.");
        }

        return default;
    }

    /// <summary>A list of strings within bounds; absent is empty (or a failure when at least one is required).</summary>
    public IReadOnlyList<string> Texts(string field, int minimumCount, int maximumCount, int maximumLength)
    {
        var value = Find(field);
        if (value is null && minimumCount == 0)
        {
            return [];
        }

        if (value is { ValueKind: JsonValueKind.Array } array
            && array.GetArrayLength() >= minimumCount
            && array.GetArrayLength() <= maximumCount
            && array.EnumerateArray().All(item => ReadText(item) is { Length: > 0 } text && text.Length <= maximumLength))
        {
            return [.. array.EnumerateArray().Select(item => item.GetString()!)];
        }

        Fail(field, string.Create(
            CultureInfo.InvariantCulture,
            $"Must be an array of {minimumCount} to {maximumCount} strings of 1 to {maximumLength} characters."));
        return [];
    }

    /// <summary>A nested object whose own fields are checked by the caller, or absent. Its bad fields are reported as <c>outer.inner</c>.</summary>
    public JsonElement? OptionalObject(string field)
    {
        if (Find(field) is not { } value)
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return value;
        }

        Fail(field, "Must be an object.");
        return null;
    }

    /// <summary>An object that is kept as it is, as JSON text of at most <paramref name="maximumBytes"/>; absent is <c>{}</c>.</summary>
    public string OpaqueObject(string field, int maximumBytes)
    {
        if (OptionalObject(field) is not { } value)
        {
            return "{}";
        }

        var text = value.GetRawText();
        if (Encoding.UTF8.GetByteCount(text) <= maximumBytes)
        {
            return text;
        }

        Fail(field, string.Create(CultureInfo.InvariantCulture, $"Must not be larger than {maximumBytes} bytes."));
        return "{}";
    }

    /// <summary>Reads the fields of a nested object with the same getters; bad fields are noted here as <c>outer.inner</c>.</summary>
    public void Nested(string field, Action<RequestBody> read)
    {
        if (OptionalObject(field) is not { } value)
        {
            return;
        }

        var nested = new RequestBody(value, default);
        read(nested);
        foreach (var (name, messages) in nested._errors)
        {
            foreach (var message in messages)
            {
                Fail($"{field}.{name}", message);
            }
        }
    }

    /// <summary>A string as it is, spaces and all: for passwords.</summary>
    public string RequiredSecret(string field, int maximum)
    {
        if (Find(field) is not { } value)
        {
            Fail(field, "Is required.");
            return "";
        }

        if (ReadText(value) is { Length: > 0 } text && text.Length <= maximum)
        {
            return text;
        }

        Fail(field, string.Create(CultureInfo.InvariantCulture, $"Must be a string of 1 to {maximum} characters."));
        return "";
    }

    private static bool IsContact(string text)
    {
        var at = text.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at < text.Length - 1 && text.IndexOf('@', at + 1) < 0
            && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '<' or '>' or '"' or ',' or ';');
    }

    private string? Text(string field, int maximum, int minimum, bool required)
    {
        if (Find(field) is not { } value)
        {
            if (required)
            {
                Fail(field, "Is required.");
            }

            return null;
        }

        if (value.ValueKind != JsonValueKind.String)
        {
            Fail(field, "Must be a string.");
            return null;
        }

        if (ReadText(value)?.Trim() is not { } text)
        {
            Fail(field, "Must be valid Unicode text.");
            return null;
        }

        if (text.Length < minimum || text.Length > maximum)
        {
            Fail(field, string.Create(CultureInfo.InvariantCulture, $"Must have {minimum} to {maximum} characters."));
            return null;
        }

        if (text.Any(char.IsControl))
        {
            Fail(field, "Must not contain control characters.");
            return null;
        }

        return text;
    }
}
