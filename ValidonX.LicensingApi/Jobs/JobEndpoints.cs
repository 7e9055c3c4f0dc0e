using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Jobs;

/// <summary>Background jobs under <c>/v1/admin/jobs</c> (CONTRACT §6).</summary>
internal static class JobEndpoints
{
    public static void MapJobs(this RouteGroupBuilder admin)
    {
        var jobs = admin.MapGroup("/jobs").WithTags("Jobs");
        jobs.MapGet("/", ListAsync).Is("listJobs", "Lists background jobs, newest first.", Answers.Page<ShownJob>());
        jobs.MapGet("/{id}", GetAsync).Is("getJob", "Shows a background job.", Answers.Ok<JobAnswer>(), ApiErrors.ResourceNotFound);
        jobs.MapPost("/{id}/retry", RetryAsync).Is(
            new Operation("retryJob", "Has a job tried again that has failed or was canceled.", [Answers.Ok<JobAnswer>()])
            {
                Description = "A provisioning is resumed at the first stage that is not done, by a new job, which is answered.",
                Errors = [ApiErrors.ResourceNotFound, ApiErrors.Conflict("Only a job that has failed or was canceled can be tried again.")],
            });
        jobs.MapPost("/{id}/cancel", CancelAsync).Is(
            new Operation("cancelJob", "Ends a job that has not ended.", [Answers.Ok<JobAnswer>()])
            {
                Description = "A worker that is at it writes nothing more. Canceling again changes nothing.",
                Errors = [ApiErrors.ResourceNotFound, ApiErrors.Conflict("The job has ended already.")],
            });
    }

    private static async Task<IResult> ListAsync(Query<JobFilter> query, JobBoard jobs, CancellationToken cancellationToken)
    {
        var (items, nextCursor) = await jobs.ListAsync(query.Value, cancellationToken);
        return ApiResult.Page(items, LicensingJson.Default.IReadOnlyListShownJob, nextCursor);
    }

    private static async Task<IResult> GetAsync(PathId id, JobBoard jobs, CancellationToken cancellationToken) =>
        await jobs.FindAsync(id, cancellationToken) is { } job ? Show(job) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> RetryAsync(HttpContext context, PathId id, JobBoard jobs) => jobs.RetryAsync(id, context.Change<ShownJob>("job.retried", null, Show));

    private static Task<IResult> CancelAsync(HttpContext context, PathId id, JobBoard jobs) => jobs.CancelAsync(id, context.Change<ShownJob>("job.canceled", null, Show));

    private static IApiResult Show(ShownJob job) => ApiResult.Ok(new JobAnswer(job), LicensingJson.Default.JobAnswer);
}
