using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Mail;

/// <summary><c>GET /v1/admin/outbox</c> (CONTRACT §9).</summary>
internal static class OutboxEndpoints
{
    public static void MapOutbox(this RouteGroupBuilder admin) =>
        admin.MapGet("/outbox", ListAsync).WithTags("Mail").Is(
            new Operation("listMails", "Lists mails, newest first.", [Answers.Page<ShownMail>()])
            {
                Description = "Where no mail server is configured, this is where mails are read. Their links hold tokens, so every call is recorded with the mails that it showed; "
                    + "what a mail said is gone once it has been sent.",
            });

    private static async Task<IResult> ListAsync(HttpContext context, Caller caller, Query<MailFilter> query, MailQueries mails)
    {
        var (items, nextCursor) = await mails.ListAsync(query.Value.To, query.Value.Page(), caller.Audit(context, "outbox.read", tenantId: null), context.RequestAborted);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownMail, nextCursor);
    }
}

/// <summary>Which mails.</summary>
internal sealed record MailFilter : ListQuery
{
    /// <summary>Only mails to this address.</summary>
    public EmailAddress? To { get; init; }
}
