using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Activations;

/// <summary>
/// Counts how often the seats of a license went from one machine to another. That is when one takes over another's seat, or takes the place of one that was given up because no
/// other place is left; not when a machine comes back to its own.
/// </summary>
internal static class SeatSwaps
{
    /// <summary>Whether the new seat is a swap, and whether it may be one. Under the license's lock.</summary>
    /// <param name="transaction">Which holds the lock.</param>
    /// <param name="seats">The license's seats.</param>
    /// <param name="instance">Who takes one.</param>
    /// <param name="instead">Whose seat it takes over, if anybody's.</param>
    /// <param name="now">The moment.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Why it must not be; or else the activation whose place it takes, which <see cref="NoteAsync"/> counts.</returns>
    public static async Task<(ApiError? Refusal, Guid? Freed)> JudgeAsync(
        DbTransaction transaction, LockedSeats seats, string instance, ActivationRow? instead, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (seats.Terms.Policy.Churn is not { } budget)
        {
            return default;
        }

        await using var rows = await transaction.Connection!.QueryMultipleAsync(new CommandDefinition(
            """
            SELECT id FROM activations WHERE license_id = @LicenseId AND freed_marker = 1 AND revoked_at > @since AND instance_id <> @instance ORDER BY revoked_at, id;
            SELECT swapped_at FROM activations WHERE license_id = @LicenseId AND swapped_at > @since ORDER BY swapped_at
            """,
            new { seats.LicenseId, instance, since = now.AddDays(-budget.PerDays) },
            transaction,
            cancellationToken: cancellationToken));
        var freed = (await rows.ReadAsync<Guid>()).AsList();
        var swaps = (await rows.ReadAsync<DateTimeOffset>()).AsList();
        return instead is null && (freed.Count == 0 || seats.Limits.Allowed is not { } allowed || seats.Live + freed.Count < allowed)
            ? default
            : (Refusal(budget, swaps, now), instead is null ? (Guid?)freed[0] : null);
    }

    /// <summary>Counts it; what the instance has given up itself it has back.</summary>
    public static Task NoteAsync(DbTransaction transaction, LockedSeats seats, string instance, Guid? freed, DateTimeOffset now, CancellationToken cancellationToken) =>
        seats.Terms.Policy.Churn is null
            ? Task.CompletedTask
            : transaction.Connection!.ExecuteAsync(new CommandDefinition(
                """
                UPDATE activations SET freed_marker = NULL WHERE license_id = @LicenseId AND freed_marker = 1 AND instance_id = @instance;
                UPDATE activations SET freed_marker = NULL, swapped_at = @now WHERE id = @freed
                """,
                new { seats.LicenseId, instance, freed, now },
                transaction,
                cancellationToken: cancellationToken));

    private static ApiError? Refusal(ChurnBudget budget, List<DateTimeOffset> swaps, DateTimeOffset now)
    {
        if (swaps.Count >= budget.Activations)
        {
            return ApiErrors.ActivationChurnExceeded(
                budget.Activations, budget.PerDays, budget.Activations == 0 ? null : swaps[swaps.Count - budget.Activations].AddDays(budget.PerDays));
        }

        return swaps is [.., var last] && now < last.AddHours(budget.CoolDownHours)
            ? ApiErrors.ActivationChurnExceeded(budget.Activations, budget.PerDays, last.AddHours(budget.CoolDownHours))
            : null;
    }
}
