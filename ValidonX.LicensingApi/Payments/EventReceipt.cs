using System.Data.Common;
using Dapper;
using ValidonX.LicensingApi.Fields;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Payments;

/// <summary>What an event came to.</summary>
/// <param name="Id">The event's id.</param>
/// <param name="Outcome">Whether it had its effect now, had had it before, or is of no interest here.</param>
internal sealed record EventReceipt([property: Example("evt_1Q1")] string Id, [property: Words("done", "known", "ignored")] string Outcome)
{
    public const string DoneWord = "done";
    public const string KnownWord = "known";
    public const string IgnoredWord = "ignored";

    public static EventReceipt Done(StripeEvent told) => new(told.Id, DoneWord);

    public static EventReceipt Known(StripeEvent told) => new(told.Id, KnownWord);

    public static EventReceipt Ignored(StripeEvent told) => new(told.Id, IgnoredWord);

    /// <summary>Whether an event has had its effect; asked before anything costly is done.</summary>
    public static async Task<bool> WasWrittenAsync(PlatformDatabase platform, StripeEvent told, CancellationToken cancellationToken)
    {
        await using var connection = await platform.OpenAsync(cancellationToken);
        return await connection.ExecuteScalarAsync<bool>(new CommandDefinition(
            "SELECT EXISTS (SELECT 1 FROM stripe_events WHERE id = @Id)", new { told.Id }, cancellationToken: cancellationToken));
    }

    /// <summary>
    /// Writes down in the transaction of its effect that an event was received; <see langword="false"/> when it had been. Who sends it at the same time waits
    /// here for the other's end.
    /// </summary>
    public static async Task<bool> WriteAsync(DbTransaction transaction, StripeEvent told, DateTimeOffset now, CancellationToken cancellationToken) =>
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT IGNORE INTO stripe_events (id, type, created_at, received_at) VALUES (@Id, @Type, @CreatedAt, @now)",
            new { told.Id, told.Type, told.CreatedAt, now },
            transaction,
            cancellationToken: cancellationToken)) == 1;
}
