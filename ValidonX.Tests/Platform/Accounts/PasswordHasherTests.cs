using System.Diagnostics;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Api;

namespace ValidonX.Tests.Platform.Accounts;

public sealed class PasswordHasherTests : IDisposable
{
    private readonly PasswordHasher _hasher = new(Options.Create(new PasswordHashingOptions { Threads = 1, MaximumWaiting = 3 }));

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _hasher.Dispose();

    [Fact]
    public async Task A_password_fits_its_hash_and_no_other_and_nobody_has_one()
    {
        var hash = await _hasher.HashAsync("correct horse", Cancellation);

        Assert.True(await _hasher.VerifyAsync(hash, "correct horse", Cancellation));
        Assert.False(await _hasher.VerifyAsync(hash, "correct horse ", Cancellation));
        Assert.False(await _hasher.VerifyAsync(null, "correct horse", Cancellation));
        Assert.NotEqual(hash, await _hasher.HashAsync("correct horse", Cancellation));
    }

    [Fact]
    public async Task More_than_the_queue_takes_are_told_at_once_to_come_again()
    {
        await _hasher.HashAsync("warm", Cancellation);

        var tries = Enumerable.Range(0, 50).Select(_ => _hasher.VerifyAsync(null, "x", Cancellation)).ToList();

        // One is being computed, three wait; refused were all others before a single hash was done.
        var refused = tries.Where(one => one.IsFaulted).ToList();
        Assert.InRange(refused.Count, 40, 47);
        foreach (var one in refused)
        {
            var busy = (await Assert.ThrowsAsync<ApiException>(() => one)).Error;
            Assert.Equal((503, "SERVER.UNAVAILABLE", 1), (busy.Status, busy.Code, busy.RetryAfterSeconds));
        }

        await Task.WhenAll(tries.Except(refused));
        Assert.False(await _hasher.VerifyAsync(null, "x", Cancellation));
    }

    [Fact]
    public async Task Who_has_hung_up_costs_no_hash()
    {
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _hasher.VerifyAsync(await _hasher.HashAsync("x", Cancellation), "x", gone.Token));
    }

    [Fact]
    public async Task Hashing_steps_back_behind_everything_else()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Looks into /proc.");
        const int niceness = 7;
        using var hasher = new PasswordHasher(Options.Create(new PasswordHashingOptions { Threads = 1, Niceness = niceness }));

        await hasher.HashAsync("warm", Cancellation);

        // "id (name) state …", the niceness being the 19th of all; names are cut off.
        var stepsBack = Directory.EnumerateDirectories("/proc/self/task")
            .Select(task => File.ReadAllText($"{task}/stat"))
            .Where(stat => stat.Contains("(password hashin", StringComparison.Ordinal))
            .Select(stat => stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[16]);
        Assert.Contains($"{niceness}", stepsBack);
    }

    [Fact]
    public async Task No_account_costs_what_an_account_costs()
    {
        var hash = await _hasher.HashAsync("correct horse", Cancellation);
        var (known, unknown) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var i = 0; i < 10; i++)
        {
            known = Least(known, await TimeAsync(hash));
            unknown = Least(unknown, await TimeAsync(null));
        }

        Assert.InRange(unknown / known, 0.5, 2);

        async Task<TimeSpan> TimeAsync(string? stored)
        {
            var began = Stopwatch.GetTimestamp();
            await _hasher.VerifyAsync(stored, "wrong", Cancellation);
            return Stopwatch.GetElapsedTime(began);
        }

        static TimeSpan Least(TimeSpan one, TimeSpan other) => one < other ? one : other;
    }
}
