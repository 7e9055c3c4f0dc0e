using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Licenses;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Licenses;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>What is done to many licenses.</summary>
internal enum BulkAction
{
    /// <summary>Given another expiry.</summary>
    Renew,

    /// <summary>Put on hold.</summary>
    Suspend,

    /// <summary>Put back into force.</summary>
    Reinstate,

    /// <summary>Ended for good.</summary>
    Revoke,
}

/// <summary>A change of many licenses.</summary>
internal sealed record NewBulkChange : IRequest, IChecked
{
    /// <summary>What is to be done to each of them.</summary>
    public required BulkAction Action { get; init; }

    /// <summary>Which licenses are meant, of those that are there now.</summary>
    public required BulkFilter Filter { get; init; }

    /// <summary>For <c>renew</c>, when they are to expire; in the future.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Only tells how many they would be.</summary>
    [Example("false")]
    public bool Preview { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        var place = at.Of("expires_at");
        if (at.Has("action") || at.Has("expires_at"))
        {
            return;
        }

        if (Action != BulkAction.Renew)
        {
            if (ExpiresAt is not null)
            {
                place.Fail("Only goes with renew.");
            }
        }
        else if (ExpiresAt is not { } expiry)
        {
            place.Fail("Is required.");
        }
        else if (expiry <= at.Now)
        {
            place.Fail("Must lie in the future.");
        }
    }
}

/// <summary>Which licenses are meant: those that fit everything that is given.</summary>
internal sealed record BulkFilter : IChecked
{
    private const int MostIds = 1_000;

    /// <summary>Only those in this state.</summary>
    [Words(ShownLicenseStatus.Active, ShownLicenseStatus.Suspended, ShownLicenseStatus.Expired, ShownLicenseStatus.Revoked)]
    public string? Status { get; init; }

    /// <summary>Only those of this product.</summary>
    public Guid? ProductId { get; init; }

    /// <summary>Only those with this text in their key, or the customer's name or e-mail address.</summary>
    [Text(128)]
    [Example("jane")]
    public string? Search { get; init; }

    /// <summary>Only these.</summary>
    [Items(1, MostIds)]
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <inheritdoc/>
    public void Check(FieldPlace at)
    {
        if (Status is null && ProductId is null && Search is null && Ids is null && !at.Has("status") && !at.Has("product_id") && !at.Has("search") && !at.Has("ids"))
        {
            at.Fail("Name at least one of status, product_id, search and ids.");
        }
    }

    /// <summary>The licenses that are meant.</summary>
    public LicenseSelection Selection(DateTimeOffset now) => new() { Status = Status, ProductId = ProductId, Search = Search, Ids = Ids?.Distinct().ToList(), MadeUntil = now };
}

/// <summary>How many licenses a change would be made to.</summary>
/// <param name="Matched">Licenses that fit the filter.</param>
internal sealed record BulkPreview(long Matched);

/// <summary>A change of many licenses and how far it is.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Action">What is done to each of them.</param>
/// <param name="Status">How far it is.</param>
/// <param name="Matched">Licenses that fitted the filter when it was asked for.</param>
/// <param name="Done">Licenses that are as they are to be, those that were so already among them.</param>
/// <param name="Failed">Licenses that could not be changed: they have been revoked for good.</param>
/// <param name="Error">What went wrong last.</param>
/// <param name="CreatedAt">When it was asked for.</param>
/// <param name="FinishedAt">When it ended.</param>
internal sealed record ShownBulkChange(
    Guid Id,
    [property: Words(BulkChangeJob.Suspend, BulkChangeJob.Reinstate, BulkChangeJob.Renew, BulkChangeJob.Revoke)] string Action,
    [property: Words(JobStatus.Pending, JobStatus.Running, JobStatus.Succeeded, JobStatus.Failed, JobStatus.Canceled)] string Status,
    long Matched,
    long Done,
    long Failed,
    string? Error,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt);

/// <summary>The answer that holds one change of many licenses.</summary>
internal sealed record BulkChangeAnswer(ShownBulkChange Job);
