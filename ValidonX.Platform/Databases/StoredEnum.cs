using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace ValidonX.Platform.Databases;

/// <summary>
/// Enums whose values are stored and shown as words: <c>PastDue</c> is <c>past_due</c>. What is read must be exactly one of them, so that a
/// word which this version does not know is an error and never mistaken for a state that opens something.
/// </summary>
public static class StoredEnum
{
    /// <summary>The value of a stored word.</summary>
    /// <exception cref="FormatException">There is no such value.</exception>
    public static T Parse<T>(string text)
        where T : struct, Enum =>
        Words<T>.Values.TryGetValue(text, out var value) ? value : throw new FormatException($"'{text}' is not a {typeof(T).Name}.");

    /// <summary>The word of a value.</summary>
    public static string Word<T>(this T value)
        where T : struct, Enum => Words<T>.ByValue[value];

    /// <summary>The word of a value whose type is known only at run time.</summary>
    public static string WordOf(object value) => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString()!);

    /// <summary>All words, in the order of their values.</summary>
    public static ImmutableArray<string> All<T>()
        where T : struct, Enum => Words<T>.InOrder;

    private static class Words<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> ByValue =
            Enum.GetValues<T>().ToFrozenDictionary(value => value, value => WordOf(value));

        public static readonly FrozenDictionary<string, T> Values = ByValue.ToFrozenDictionary(pair => pair.Value, pair => pair.Key, StringComparer.Ordinal);

        public static readonly ImmutableArray<string> InOrder = [.. Enum.GetValues<T>().Select(value => ByValue[value])];
    }
}
