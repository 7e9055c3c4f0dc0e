using System.Text;
using Microsoft.Extensions.Options;
using Stripe;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Payments;
using ValidonX.Platform.Routes;

namespace ValidonX.LicensingApi.Payments;

/// <summary>
/// Takes what Stripe sends: an event counts when it is signed with our secret a short while ago, over the very bytes that came. Whatever cannot be done now is
/// answered with an error, and Stripe sends it again for days.
/// </summary>
internal sealed partial class ReceiveStripeEvent(
    IOptions<StripeOptions> options, StripeApi stripe, ReceivePayment payments, KeptCards cards, StripeEventMetrics metrics, TimeProvider time, ILogger<ReceiveStripeEvent> logger)
{
    /// <summary>Nobody signs with more than a few secrets at once.</summary>
    private const int LongestSignature = 2_048;

    /// <summary>Why an event is not believed; not which part of it is wrong.</summary>
    public static readonly ApiError Unsigned = ApiErrors.Unauthenticated with { Message = "The Stripe-Signature header is missing, wrong, or too old." };

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public async Task<IResult> HandleAsync(HttpContext context)
    {
        if (!stripe.IsOn || options.Value.WebhookSecret.Length == 0)
        {
            return ApiResult.Error(PaymentErrors.NotSetUp);
        }

        if (await ReadAsync(context) is not { } body)
        {
            return ApiResult.Error(ApiErrors.RequestTooLarge);
        }

        if (!IsSigned(body, context.Request.Headers["Stripe-Signature"]))
        {
            metrics.Count(StripeEventMetrics.Unsigned);
            Log.Unsigned(logger);
            return ApiResult.Error(Unsigned);
        }

        if (StripeEvent.Read(body) is not { } told)
        {
            return ApiResult.Error(ApiErrors.Malformed("The body is no event."));
        }

        var request = context.Change<EventReceipt>("stripe.event_received", null, receipt => Answer(receipt));
        try
        {
            return told.IsLive != options.Value.IsLive ? Ignore(told)
                : told.Payment is not null ? await payments.HandleAsync(told, request)
                : told.Customer is not null || told.RemovedMethod is not null ? await cards.HandleAsync(told, request)
                : Ignore(told);
        }
        catch (PaymentProviderException failure)
        {
            metrics.Count(StripeEventMetrics.Failed);
            Log.NotAsked(logger, told.Id, told.Type, failure.Message);
            return ApiResult.Error(PaymentErrors.Of(failure));
        }
        catch (Exception failure) when (DatabaseError.IsFailure(failure))
        {
            metrics.Count(StripeEventMetrics.Failed);
            Log.NotDone(logger, told.Id, told.Type, failure.Message);
            return ApiResult.Error(ApiErrors.Unavailable);
        }
    }

    private IApiResult Ignore(StripeEvent told) => Answer(EventReceipt.Ignored(told));

    private IApiResult Answer(EventReceipt receipt)
    {
        metrics.Count(receipt.Outcome);
        return ApiResult.Ok(receipt, LicensingJson.Default.EventReceipt);
    }

    /// <summary>The body as it came, or <see langword="null"/> when it is larger than an event may be.</summary>
    private static async Task<byte[]?> ReadAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (body.Length + read > RouteTable.MaximumStripeEventBytes)
            {
                return null;
            }

            body.Write(buffer, 0, read);
        }

        return body.ToArray();
    }

    private bool IsSigned(byte[] body, Microsoft.Extensions.Primitives.StringValues signature)
    {
        if (signature is not [{ Length: > 0 and <= LongestSignature } text])
        {
            return false;
        }

        try
        {
            EventUtility.ValidateSignature(
                Strict.GetString(body), text, options.Value.WebhookSecret, (long)options.Value.Tolerance.TotalSeconds, time.GetUtcNow().ToUnixTimeSeconds());
            return true;
        }
        catch (Exception wrong) when (wrong is StripeException or FormatException or OverflowException or IndexOutOfRangeException or ArgumentException)
        {
            // The library reads the header only as its author writes it.
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Something that is not signed with Stripe's secret, or was too long ago, came to the route of its events.")]
        public static partial void Unsigned(ILogger logger);

        [LoggerMessage(2, LogLevel.Warning, "Event {EventId} ({Type}) waits for Stripe's next try. {Reason}")]
        public static partial void NotAsked(ILogger logger, string eventId, string type, string reason);

        [LoggerMessage(3, LogLevel.Warning, "Event {EventId} ({Type}) could not be written down and waits for Stripe's next try. {Reason}")]
        public static partial void NotDone(ILogger logger, string eventId, string type, string reason);
    }
}
