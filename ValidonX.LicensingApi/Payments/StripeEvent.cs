using System.Text.Json;

namespace ValidonX.LicensingApi.Payments;

/// <summary>An event of Stripe's, as far as it matters: it says where to look. What has become of money is read from Stripe itself, so old and disordered events do no harm.</summary>
/// <param name="Id">Names it, however often it is sent.</param>
/// <param name="Type">What happened.</param>
/// <param name="CreatedAt">When.</param>
/// <param name="IsLive">Whether it is about real money.</param>
internal sealed record StripeEvent(string Id, string Type, DateTimeOffset CreatedAt, bool IsLive)
{
    public const string PaymentSucceeded = "payment_intent.succeeded";
    public const string PaymentFailed = "payment_intent.payment_failed";

    private const int LongestId = 255;
    private const int LongestType = 100;

    /// <summary>The payment that it is about.</summary>
    public string? Payment { get; private init; }

    /// <summary>How the chargeback stands that it is about.</summary>
    public PaymentDispute? Dispute { get; private init; }

    /// <summary>The customer who has changed.</summary>
    public string? Customer { get; private init; }

    /// <summary>The card that its owner has taken away.</summary>
    public string? RemovedMethod { get; private init; }

    /// <summary>Reads one; <see langword="null"/> when it is none.</summary>
    public static StripeEvent? Read(ReadOnlyMemory<byte> utf8)
    {
        try
        {
            using var document = JsonDocument.Parse(utf8);
            var root = document.RootElement;
            if (Text(root, "id") is not { Length: <= LongestId } id
                || Text(root, "type") is not { Length: <= LongestType } type
                || !root.GetProperty("data").TryGetProperty("object", out var about))
            {
                return null;
            }

            var told = new StripeEvent(id, type, DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("created").GetInt64()), root.GetProperty("livemode").GetBoolean());
            return type switch
            {
                PaymentSucceeded or PaymentFailed => told with { Payment = Text(about, "id") },
                "charge.refunded" => told with { Payment = Text(about, "payment_intent") },
                "charge.dispute.created" or "charge.dispute.updated" or "charge.dispute.closed" => told with { Payment = Text(about, "payment_intent"), Dispute = DisputeOf(Text(about, "status")) },
                "customer.updated" => told with { Customer = Text(about, "id") },
                "payment_method.detached" => told with { RemovedMethod = Text(about, "id") },
                _ => told,
            };
        }
        catch (Exception none) when (none is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static PaymentDispute DisputeOf(string? status) =>
        status switch
        {
            "lost" => PaymentDispute.Lost,
            "won" or "warning_closed" or "prevented" => PaymentDispute.Won,
            _ => PaymentDispute.Open,
        };

    private static string? Text(JsonElement of, string name) => of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
