using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Payments;

internal static class StripeEventEndpoints
{
    public static void MapStripeEvents(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/billing/stripe/events", (HttpContext context, ReceiveStripeEvent events) => events.HandleAsync(context)).WithTags("Billing").Is(
            new Operation("receiveStripeEvent", "Takes an event that Stripe sends.", [Answers.Ok<EventReceipt>()])
            {
                Description = "For Stripe alone: the body is an event as Stripe writes it, up to 256 KiB, and `Stripe-Signature` its signature with the endpoint's secret. Each event has "
                    + "its effect once, however often and in whatever order they come; of types that are of no interest here nothing comes. Any other answer than 200 makes Stripe send it again.",
                Errors = [ReceiveStripeEvent.Unsigned, PaymentErrors.NotSetUp, ApiErrors.BodyTooSlow, ApiErrors.RequestTooLarge, PaymentErrors.Refused, PaymentErrors.Away],
            });
}
