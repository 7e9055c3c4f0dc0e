using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Fields;

/// <summary>Reads a value that is there and not null. Notes what is wrong with it, and then returns <see langword="null"/>.</summary>
internal delegate object? FieldReader(JsonElement value, FieldPlace place);

/// <summary>How the types are read that need no rule of their own.</summary>
internal static class FieldReaders
{
    /// <summary>The reader of a type, nullable or not.</summary>
    /// <exception cref="NotSupportedException">There is none: the field needs a <see cref="FieldAttribute"/>.</exception>
    public static FieldReader Of(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type == typeof(Guid) ? Id
            : type == typeof(DateTimeOffset) ? Time
            : type == typeof(bool) ? Truth
            : type == typeof(EmailAddress) ? Email
            : type.IsEnum ? Word(type)
            : IsRecord(type) ? RecordReader.Of(type).ReadNested
            : throw new NotSupportedException($"A field of type {type.Name} needs a rule.");
    }

    /// <summary>Whether a type is read field by field.</summary>
    public static bool IsRecord(Type type) => type is { IsClass: true, IsAbstract: false } && type.Namespace?.StartsWith("ValidonX.", StringComparison.Ordinal) == true;

    private static object? Id(JsonElement value, FieldPlace place) =>
        Guid.TryParseExact(RequestBody.ReadText(value), "D", out var id) ? id : place.Fail("Must be an id (UUID).");

    private static object? Time(JsonElement value, FieldPlace place) =>
        RequestBody.ReadText(value) is not null && value.TryGetDateTimeOffset(out var time) && time.Year is > 1970 and < 9999
            ? time.ToUniversalTime()
            : place.Fail("Must be a UTC time such as 2026-04-03T10:00:00Z.");

    private static object? Truth(JsonElement value, FieldPlace place) =>
        (place.IsQuery ? RequestBody.ReadText(value) : value.ValueKind.ToString()) switch
        {
            "true" or nameof(JsonValueKind.True) => true,
            "false" or nameof(JsonValueKind.False) => false,
            _ => place.Fail("Must be true or false."),
        };

    private static object? Email(JsonElement value, FieldPlace place) =>
        EmailAddress.TryParse(RequestBody.ReadText(value), out var address)
            ? address
            : place.Fail("Must be an e-mail address with an ASCII part before the @, such as name@example.com.");

    private static FieldReader Word(Type type)
    {
        var values = Enum.GetValues(type).Cast<object>().ToFrozenDictionary(StoredEnum.WordOf, StringComparer.Ordinal);
        var refusal = string.Create(CultureInfo.InvariantCulture, $"Must be one of: {string.Join(", ", Enum.GetValues(type).Cast<object>().Select(StoredEnum.WordOf))}.");
        return (value, place) => RequestBody.ReadText(value) is { } text && values.TryGetValue(text, out var known) ? known : place.Fail(refusal);
    }
}
