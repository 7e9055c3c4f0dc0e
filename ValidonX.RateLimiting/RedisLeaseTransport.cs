using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace ValidonX.RateLimiting;

/// <summary>The script over the process's Redis connection, addressed by its hash so that a call carries only keys and arguments.</summary>
internal sealed class RedisLeaseTransport(IConnectionMultiplexer redis) : ILeaseTransport
{
    private static readonly string Script = LeaseScript.Server + LeaseScript.Body;
#pragma warning disable CA5350 // SHA-1 is how Redis names scripts; nothing is protected by it.
    private static readonly byte[] Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Script));
#pragma warning restore CA5350

    public async Task<RedisResult[]> EvaluateAsync(LeaseCall call)
    {
        var database = redis.GetDatabase();
        try
        {
            return (RedisResult[])(await database.ScriptEvaluateAsync(Hash, call.Keys, call.Arguments))!;
        }
        catch (RedisServerException missing) when (missing.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            return (RedisResult[])(await database.ScriptEvaluateAsync(Script, call.Keys, call.Arguments))!;
        }
    }
}

/// <summary>The parts of the script. The simulation runs the same body with its own clock.</summary>
internal static class LeaseScript
{
    public static string Server { get; } = Read("server.lua");

    public static string Body { get; } = Read("leases.lua");

    private static string Read(string file)
    {
        using var stream = typeof(LeaseScript).Assembly.GetManifestResourceStream($"ValidonX.RateLimiting.{file}")
            ?? throw new InvalidOperationException($"The assembly lacks {file}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
