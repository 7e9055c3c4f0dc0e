using System.Collections.Concurrent;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Api;

namespace ValidonX.Platform.Accounts;

/// <summary>
/// Passwords as the framework's PBKDF2-HMAC-SHA512 hashes with their own salt. They are slow on purpose, so they are computed on a few threads of
/// their own with a short queue: however many strangers try passwords, requests keep the thread pool and the other cores.
/// </summary>
public sealed class PasswordHasher : IDisposable
{
    private static readonly object Owner = new();

    private readonly PasswordHasher<object> _hasher = new();
    private readonly BlockingCollection<Action> _waiting;
    private readonly Task<string> _nobody;
    private long _computed;

    public PasswordHasher(IOptions<PasswordHashingOptions> options)
    {
        _waiting = new BlockingCollection<Action>(options.Value.MaximumWaiting);
        for (var i = 1; i <= options.Value.Threads; i++)
        {
            HashingThreads.Start(i, options.Value.Niceness, Work);
        }

        _nobody = HashAsync(Guid.NewGuid().ToString(), CancellationToken.None);
    }

    /// <summary>How many hashes were computed so far.</summary>
    public long Computed => Interlocked.Read(ref _computed);

    /// <summary>What is stored.</summary>
    /// <exception cref="ApiException">503: too many wait already.</exception>
    public Task<string> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync(() => _hasher.HashPassword(Owner, password), cancellationToken);

    /// <summary>
    /// Whether the password fits. Without a stored hash (no such account) it does the same work and answers no, so that
    /// the time taken does not tell which addresses have accounts.
    /// </summary>
    /// <exception cref="ApiException">503: too many wait already.</exception>
    public async Task<bool> VerifyAsync(string? storedHash, string password, CancellationToken cancellationToken)
    {
        var hash = storedHash ?? await _nobody;
        return await RunAsync(() => _hasher.VerifyHashedPassword(Owner, hash, password) != PasswordVerificationResult.Failed, cancellationToken)
            && storedHash is not null;
    }

    /// <inheritdoc/>
    public void Dispose() => _waiting.CompleteAdding();

    private async Task<T> RunAsync<T>(Func<T> hash, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_waiting.TryAdd(Compute, TimeSpan.Zero))
        {
            throw new ApiException(ApiErrors.Unavailable with { Message = "Too many passwords are being checked at the moment; try again." });
        }

        return await done.Task;

        void Compute()
        {
            try
            {
                // Who has hung up meanwhile is not worth a hash.
                if (cancellationToken.IsCancellationRequested)
                {
                    done.SetCanceled(cancellationToken);
                }
                else
                {
                    Interlocked.Increment(ref _computed);
                    done.SetResult(hash());
                }
            }
            catch (Exception failure)
            {
                done.SetException(failure);
            }
        }
    }

    private void Work()
    {
        foreach (var compute in _waiting.GetConsumingEnumerable())
        {
            compute();
        }
    }
}
