using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;

namespace ValidonX.Gateway.Resolution;

/// <summary>Looks into the body of a login for the account it is about, and leaves the body as it was.</summary>
internal static class LoginAttempt
{
    /// <summary>A login's body is smaller than this; of a larger one nothing is looked at.</summary>
    private const int MaximumBytes = 16 * 1024;

    private const int MaximumEmailLength = 254;

    /// <summary>The e-mail address; empty when there is none, so that nonsense from one address is limited as well.</summary>
    public static async ValueTask<string> EmailAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        ReadResult result;
        while (!(result = await reader.ReadAsync(context.RequestAborted)).IsCompleted && result.Buffer.Length <= MaximumBytes)
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        var email = result.Buffer.Length <= MaximumBytes ? Read(result.Buffer) : "";
        // Nothing consumed and nothing examined: the next reader gets all of it at once.
        reader.AdvanceTo(result.Buffer.Start);
        return email;
    }

    private static string Read(ReadOnlySequence<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.ValueKind == JsonValueKind.Object
                && document.RootElement.TryGetProperty("email", out var value)
                && value.ValueKind == JsonValueKind.String
                && value.GetString()!.Trim() is { Length: > 0 and <= MaximumEmailLength } email
                ? email
                : "";
        }
        catch (Exception notReadable) when (notReadable is JsonException or InvalidOperationException)
        {
            // Not JSON, or text that is not Unicode: the licensing API says so to the caller.
            return "";
        }
    }
}
