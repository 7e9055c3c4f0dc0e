using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Api;
using ValidonX.Platform.Payments;

namespace ValidonX.LicensingApi.Payments;

/// <summary>Opens the page at Stripe on which a tenant sees and changes its cards.</summary>
internal sealed partial class OpenPortal(StripeApi stripe, StripeCustomers customers, StateChanges changes, ILogger<OpenPortal> logger)
{
    /// <summary>Answers with the page.</summary>
    public async Task<IResult> HandleAsync(Caller caller, ChangeRequest<PaymentPage> request)
    {
        if (!stripe.IsOn)
        {
            return ApiResult.Error(PaymentErrors.NotSetUp);
        }

        try
        {
            var tenantId = caller.Placement.TenantId;
            var customer = await customers.GetAsync(tenantId, caller.Id, request.Aborted);
            var page = new PaymentPage((await stripe.OpenPortalAsync(customer, request.Aborted)).AbsoluteUri, null);
            return await changes.InPlatformAsync<PaymentPage>(
                request, (_, _) => Task.FromResult(new Changed<PaymentPage>(page) { Event = request.Audit.About("tenant", tenantId) }));
        }
        catch (PaymentProviderException failure)
        {
            Log.NotOpened(logger, caller.Placement.TenantId, failure.Message);
            return ApiResult.Error(PaymentErrors.Of(failure));
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The page for the cards of tenant {TenantId} could not be opened. {Reason}")]
        public static partial void NotOpened(ILogger logger, Guid tenantId, string reason);
    }
}
