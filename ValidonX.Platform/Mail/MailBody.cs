using System.Text.Json;
using System.Text.Json.Serialization;

namespace ValidonX.Platform.Mail;

/// <summary>What is sealed of a mail.</summary>
/// <param name="Text">The plain text.</param>
/// <param name="Html">The same as HTML.</param>
public sealed record MailBody(string Text, string Html)
{
    /// <summary>As one text.</summary>
    public string Write() => JsonSerializer.Serialize(this, MailJson.Default.MailBody);

    /// <summary>Reads what <see cref="Write"/> has written.</summary>
    public static MailBody Read(string text) => JsonSerializer.Deserialize(text, MailJson.Default.MailBody)!;
}

[JsonSerializable(typeof(MailBody))]
internal sealed partial class MailJson : JsonSerializerContext;
