using System.Buffers;
using System.IO.Pipelines;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.Gateway.SignIn;

/// <summary>Looks into the body of a sign-in for the account it is about, with the licensing API's own reader, and leaves the body as it was.</summary>
internal static class SignInBody
{
    /// <summary>Largest body. A larger one would be looked at in part only, hence is refused.</summary>
    private const int MaximumBytes = 16 * 1024;

    /// <summary>The account; <see langword="null"/> when the body names none, which the licensing API then says to the caller.</summary>
    /// <exception cref="ApiException">413.</exception>
    public static async ValueTask<EmailAddress?> AccountAsync(HttpContext context)
    {
        var reader = context.Request.BodyReader;
        ReadResult result;
        while (!(result = await reader.ReadAsync(context.RequestAborted)).IsCompleted && result.Buffer.Length <= MaximumBytes)
        {
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        if (result.Buffer.Length > MaximumBytes)
        {
            reader.AdvanceTo(result.Buffer.End);
            throw new ApiException(ApiErrors.RequestTooLarge);
        }

        var account = Read(result.Buffer.ToArray());
        // Nothing consumed and nothing examined: the next reader gets all of it at once.
        reader.AdvanceTo(result.Buffer.Start);
        return account;
    }

    private static EmailAddress? Read(byte[] body)
    {
        try
        {
            return RequestBody.Parse(body).Root.TryGetProperty("email", out var email) && EmailAddress.TryParse(RequestBody.ReadText(email), out var account) ? account : null;
        }
        catch (ApiException)
        {
            return null;
        }
    }
}
