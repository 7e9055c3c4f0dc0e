using System.Collections.Concurrent;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Bulk;

/// <summary>
/// How many imports run at once: few of one tenant and not many in all, so that whoever has a hundred thousand licenses to bring does not take the database and the processor from those who
/// have one. Each import works at one batch at a time.
/// </summary>
internal sealed class ImportLanes
{
    private readonly ConcurrentDictionary<Guid, int> _ofTenants = new();
    private int _together;

    /// <summary>Takes a place until it is disposed of.</summary>
    /// <exception cref="ApiException">429: all are taken.</exception>
    public IDisposable Enter(Guid tenantId)
    {
        if (Interlocked.Increment(ref _together) > ImportLimits.Together)
        {
            Interlocked.Decrement(ref _together);
            throw new ApiException(Busy);
        }

        if (_ofTenants.AddOrUpdate(tenantId, 1, static (_, count) => count + 1) > ImportLimits.OfTenant)
        {
            Leave(tenantId);
            throw new ApiException(Busy);
        }

        return new Place(this, tenantId);
    }

    /// <summary>429: other imports are under way.</summary>
    public static ApiError Busy { get; } = ApiErrors.RateLimitExceeded with { Message = "Other imports are under way; send this one again when they have ended.", RetryAfterSeconds = 5 };

    private void Leave(Guid tenantId)
    {
        Interlocked.Decrement(ref _together);
        if (_ofTenants.AddOrUpdate(tenantId, 0, static (_, count) => count - 1) == 0)
        {
            // Only while it is still nobody's.
            _ofTenants.TryRemove(KeyValuePair.Create(tenantId, 0));
        }
    }

    private sealed class Place(ImportLanes lanes, Guid tenantId) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                lanes.Leave(tenantId);
            }
        }
    }
}
