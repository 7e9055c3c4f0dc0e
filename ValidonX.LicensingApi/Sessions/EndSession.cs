using ValidonX.LicensingApi.Changes;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Coherence;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Logs out: ends the token that asks, a user's or an operator's, everywhere. Ending it again changes nothing, and is announced again.</summary>
internal sealed class EndSession(StateChanges changes, AccessTokens tokens)
{
    /// <summary>Ends it.</summary>
    public Task<IResult> ExecuteAsync(Guid tokenId, ChangeRequest<Nothing> request) =>
        changes.InPlatformAsync(request, async (transaction, token) => new Changed<Nothing>(Nothing.Value)
        {
            Stale = [CacheKeys.Token(tokenId)],
            Event = await tokens.RevokeAsync(transaction, tokenId, token) ? request.Audit.About("token", tokenId).Moved("revoked", false, true) : null,
        });
}
