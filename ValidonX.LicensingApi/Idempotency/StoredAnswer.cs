using System.Text;
using System.Text.Json;
using ValidonX.Coherence;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Idempotency;

/// <summary>
/// The first answer to an idempotency key: everything but its <c>meta</c>, since a replay has a request id of its own.
/// </summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="IsError">Whether <paramref name="Json"/> is the <c>error</c> member rather than <c>data</c>.</param>
/// <param name="Json">The member's JSON; empty for an answer without a body.</param>
/// <param name="Location">The <c>Location</c> header, if any.</param>
internal sealed record StoredAnswer(int Status, bool IsError, string Json, string? Location) : IResult
{
    /// <summary>What every replica has to hear of before the answer may be given, in the form in which it travels.</summary>
    public IReadOnlyList<string> Stale { get; init; } = [];

    /// <summary>Keeps an answer before it is sent.</summary>
    public static StoredAnswer Of(IApiResult result, IReadOnlyCollection<Invalidation> stale) =>
        new(result.Status, result.IsError, Encoding.UTF8.GetString(result.Render()), result.Location) { Stale = [.. stale.Select(one => one.Name)] };

    /// <summary>Takes an answer's envelope apart.</summary>
    public static StoredAnswer Capture(HttpResponse response, ReadOnlyMemory<byte> body)
    {
        var location = response.Headers.Location is [var value] ? value : null;
        if (body.IsEmpty)
        {
            return new StoredAnswer(response.StatusCode, false, "", location);
        }

        using var envelope = JsonDocument.Parse(body);
        var isError = envelope.RootElement.TryGetProperty("error", out var error);
        return new StoredAnswer(response.StatusCode, isError, (isError ? error : envelope.RootElement.GetProperty("data")).GetRawText(), location);
    }

    /// <summary>As it is stored, before it is sealed.</summary>
    public string ToText() => JsonSerializer.Serialize(this, LicensingJson.Default.StoredAnswer);

    /// <summary>Reads what was stored.</summary>
    public static StoredAnswer FromText(string text) => JsonSerializer.Deserialize(text, LicensingJson.Default.StoredAnswer)!;

    /// <summary><see cref="Stale"/>, read.</summary>
    public IReadOnlyCollection<Invalidation> ReadStale() => [.. Stale.Select(name => Invalidation.TryParse(name, out var one) ? one : Invalidation.Everything)];

    /// <summary>Gives the answer again.</summary>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.Headers[IdempotencyKey.ReplayedHeader] = "true";
        httpContext.Response.Headers.CacheControl = "no-store";
        if (Location is not null)
        {
            httpContext.Response.Headers.Location = Location;
        }

        if (Json.Length == 0)
        {
            httpContext.Response.StatusCode = Status;
            return Task.CompletedTask;
        }

        var json = Encoding.UTF8.GetBytes(Json);
        return IsError ? Envelope.WriteRawErrorAsync(httpContext, Status, json) : Envelope.WriteRawAsync(httpContext, Status, json);
    }
}
