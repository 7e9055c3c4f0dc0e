using System.Net;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Api;

namespace ValidonX.Gateway.Resolution;

/// <summary>
/// Bounds the look-ups in the platform database. Addresses that lately sent many unknown keys share a narrow lane, so that a flood of
/// invented keys delays itself and neither the database nor other callers' first requests.
/// </summary>
internal sealed class LookupLanes(IOptions<ResolutionOptions> options, TimeProvider time) : IDisposable
{
    private readonly Lane _ordinary = new(options.Value.ConcurrentLookups, options.Value.WaitingLookups);
    private readonly Lane _narrow = new(options.Value.ConcurrentSuspectLookups, options.Value.WaitingLookups);
    private readonly Suspects _suspects = new(options.Value.SuspectAfter, time);

    /// <summary>Runs a look-up in the lane of the address it is for.</summary>
    /// <exception cref="ApiException">503: too many wait already.</exception>
    public Task<T> RunAsync<T>(IPAddress address, Func<CancellationToken, Task<T>> lookup, CancellationToken cancellationToken) =>
        (_suspects.Contains(address) ? _narrow : _ordinary).RunAsync(lookup, cancellationToken);

    /// <summary>Counts an unknown key or token against its sender.</summary>
    public void WasUnknown(IPAddress address) => _suspects.Count(address);

    /// <inheritdoc/>
    public void Dispose()
    {
        _ordinary.Dispose();
        _narrow.Dispose();
    }

    private sealed class Lane(int width, int mostWaiting) : IDisposable
    {
        private readonly SemaphoreSlim _places = new(width);
        private int _waiting;

        public async Task<T> RunAsync<T>(Func<CancellationToken, Task<T>> lookup, CancellationToken cancellationToken)
        {
            try
            {
                if (Interlocked.Increment(ref _waiting) > mostWaiting)
                {
                    throw new ApiException(ApiErrors.Unavailable);
                }

                await _places.WaitAsync(cancellationToken);
            }
            finally
            {
                Interlocked.Decrement(ref _waiting);
            }

            try
            {
                return await lookup(cancellationToken);
            }
            finally
            {
                _places.Release();
            }
        }

        public void Dispose() => _places.Dispose();
    }
}
