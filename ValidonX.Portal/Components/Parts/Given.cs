namespace ValidonX.Portal.Components.Parts;

/// <summary>What people leave in a form's fields.</summary>
internal static class Given
{
    /// <summary>A field's text, without blanks around it; null where it was left empty.</summary>
    public static string? Text(string? field) => string.IsNullOrWhiteSpace(field) ? null : field.Trim();

    /// <summary>A password as it was entered, blanks and all; null where it was left empty.</summary>
    public static string? Password(string? field) => string.IsNullOrEmpty(field) ? null : field;
}
