using StackExchange.Redis;
using ValidonX.Coherence;
using ValidonX.Platform.Accounts;

namespace ValidonX.Gateway.SignIn;

/// <summary>
/// From where each account was signed in to lately. Only a right password adds to it, so strangers cannot fill it. It is kept in Redis, for all
/// gateways; without Redis every network is a stranger's.
/// </summary>
internal sealed class KnownNetworks(IConnectionMultiplexer redis, SignInNames names)
{
    private static readonly TimeSpan Memory = TimeSpan.FromDays(30);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(250);

    /// <summary>Whether the account was signed in to from there within thirty days.</summary>
    public async ValueTask<bool> ContainsAsync(EmailAddress account, string network)
    {
        if (!redis.IsConnected)
        {
            return false;
        }

        try
        {
            return await redis.GetDatabase().KeyExistsAsync(Key(account, network)).WaitAsync(LongestWait);
        }
        catch (Exception away) when (RedisFailure.Is(away))
        {
            return false;
        }
    }

    /// <summary>Remembers a successful sign-in. When Redis is away it is forgotten, which costs that network its own tries and nothing else.</summary>
    public async Task AddAsync(EmailAddress account, string network)
    {
        try
        {
            await redis.GetDatabase().StringSetAsync(Key(account, network), "1", Memory).WaitAsync(LongestWait);
        }
        catch (Exception away) when (RedisFailure.Is(away))
        {
            // As said above.
        }
    }

    private string Key(EmailAddress account, string network) => $"platform:sign-in:{names.Of("known", account.Value, network)}";
}
