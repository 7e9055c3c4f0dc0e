using System.Data.Common;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Idempotency;
using ValidonX.Platform.Api;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Outbox;

namespace ValidonX.LicensingApi.Changes;

/// <summary>
/// Makes changes, the one way for all of them: the change, the event that accounts for it and the answer under its Idempotency-Key are committed
/// together; then every replica hears of it; then the caller is answered. The caller can cancel it until it begins to commit and
/// not after. When it cannot be announced the caller is told so, and repeating the call announces it again.
/// </summary>
internal sealed class StateChanges(
    PlatformDatabase platform,
    TenantDatabases databases,
    AuditLog auditLog,
    TenantOutbox outbox,
    OutboxHints hints,
    IdempotencyStore keys,
    TenantAnswers answers,
    ICoherence coherence)
{
    /// <summary>Makes a change in the platform database.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="work">Does it in the transaction; may run again.</param>
    /// <exception cref="ChangeNotAnnouncedException">It is committed and not everyone knows.</exception>
    public async Task<IResult> InPlatformAsync<T>(ChangeRequest<T> request, Func<DbTransaction, CancellationToken, Task<Changed<T>>> work)
        where T : class
    {
        var (result, stale) = await platform.TransactAsync(
            async (transaction, token) =>
            {
                var changed = await work(transaction, token);
                var answer = Answer(request, changed);
                foreach (var happened in Happened(changed))
                {
                    await auditLog.WriteAsync(transaction, happened, token);
                }

                if (request.Claim is { } claim)
                {
                    await keys.KeepAsync(transaction, claim, StoredAnswer.Of(answer, changed.Stale), token);
                }

                return (answer, changed.Stale);
            },
            request.Aborted);
        await AnnounceAsync(stale);
        return result;
    }

    /// <summary>Makes a change in a tenant's database.</summary>
    /// <param name="placement">The tenant.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="work">Does it in the transaction; may run again.</param>
    /// <exception cref="ChangeNotAnnouncedException">It is committed and not everyone knows.</exception>
    public async Task<IResult> InTenantAsync<T>(TenantPlacement placement, ChangeRequest<T> request, Func<DbTransaction, CancellationToken, Task<Changed<T>>> work)
        where T : class
    {
        (IResult Result, IReadOnlyCollection<Invalidation> Stale, bool IsEvent) made;

        // Given back before anyone is waited for.
        await using (var scope = await databases.OpenAsync(placement, request.Aborted))
        {
            made = await scope.TransactAsync((transaction, token) => MakeAsync(transaction, request, work, token), request.Aborted);
        }

        if (made.IsEvent)
        {
            hints.Note(placement);
        }

        await AnnounceAsync(made.Stale);
        return made.Result;
    }

    /// <summary>Makes one of the steps in which a request changes many things of a tenant's. No answer is kept: what each step has come to stands beside what it changes.</summary>
    /// <param name="placement">The tenant.</param>
    /// <param name="work">Does it in the transaction; may run again.</param>
    /// <param name="aborted">The caller has gone; heeded until the commit.</param>
    /// <exception cref="ChangeNotAnnouncedException">It is committed and not everyone knows.</exception>
    public async Task<T> StepInTenantAsync<T>(TenantPlacement placement, Func<DbTransaction, CancellationToken, Task<ChangedMany<T>>> work, CancellationToken aborted)
    {
        ChangedMany<T> made;
        await using (var scope = await databases.OpenAsync(placement, aborted))
        {
            made = await scope.TransactAsync(
                async (transaction, token) =>
                {
                    var changed = await work(transaction, token);
                    await outbox.WriteAsync(transaction, changed.Events, token);
                    return changed;
                },
                aborted);
        }

        if (made.Events.Count > 0)
        {
            hints.Note(placement);
        }

        await AnnounceAsync(made.Stale);
        return made.Result;
    }

    /// <summary>Tells every replica of something that is committed.</summary>
    /// <exception cref="ChangeNotAnnouncedException">Not everyone knows.</exception>
    public Task AnnounceAsync(IReadOnlyCollection<Invalidation> stale) => coherence.InvalidateAsync(stale, CancellationToken.None);

    private async Task<(IResult Result, IReadOnlyCollection<Invalidation> Stale, bool IsEvent)> MakeAsync<T>(
        DbTransaction transaction, ChangeRequest<T> request, Func<DbTransaction, CancellationToken, Task<Changed<T>>> work, CancellationToken cancellationToken)
        where T : class
    {
        if (request.Claim is { } claim && await answers.ReserveAsync(transaction, claim, cancellationToken) is { } earlier)
        {
            return (earlier, earlier.ReadStale(), false);
        }

        var changed = await work(transaction, cancellationToken);
        var answer = Answer(request, changed);
        IReadOnlyList<AuditEvent> events = [.. Happened(changed)];
        foreach (var happened in events)
        {
            await outbox.WriteAsync(transaction, happened, cancellationToken);
        }

        if (request.Claim is not null)
        {
            await answers.KeepAsync(transaction, request.Claim, StoredAnswer.Of(answer, changed.Stale), cancellationToken);
        }

        return (answer, changed.Stale, events.Count > 0);
    }

    private static IEnumerable<AuditEvent> Happened<T>(Changed<T> changed)
        where T : class =>
        changed.Event is { } first ? changed.AlsoHappened.Prepend(first) : changed.AlsoHappened;

    /// <summary>A refusal that must not be kept under the request's key leaves by an exception, which gives the key's place back.</summary>
    private static IApiResult Answer<T>(ChangeRequest<T> request, Changed<T> changed)
        where T : class =>
        changed.Outcome.Refusal is not { } refusal ? request.Answer(changed.Outcome.Value!)
        : request.Claim is null || KeptAnswers.May(refusal) ? ApiResult.Error(refusal)
        : throw new ApiException(refusal);
}
