using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace ValidonX.Tests;

/// <summary>Waits for what will come true, here or in another process, with the suite's patience: as long as a slow, busy machine may need.</summary>
internal static class Until
{
    /// <summary>After which a wait has failed.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>The same for a whole stack that starts: a dozen processes, one after the other, beside the rest of the suite on two cores.</summary>
    public static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns as soon as the condition holds.</summary>
    /// <param name="condition">Looked at a hundred times a second.</param>
    /// <param name="what">What is waited for, for the one who reads the failure; by default the condition as it is written.</param>
    public static Task TrueAsync(Func<Task<bool>> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(condition, () => what);

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, string)"/>
    /// <param name="condition">Looked at a hundred times a second.</param>
    /// <param name="what">What is waited for and how far it has come, asked when it has failed.</param>
    /// <param name="patience">After which the wait has failed; by default <see cref="Patience"/>.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan? patience = null)
    {
        var limit = patience ?? Patience;
        var waited = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(waited.Elapsed < limit, $"Waited {limit.TotalSeconds} s in vain until {what()}.");
            await Task.Delay(Pulse, TestContext.Current.CancellationToken);
        }
    }

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, string)"/>
    public static Task TrueAsync(Func<bool> condition, [CallerArgumentExpression(nameof(condition))] string what = "") =>
        TrueAsync(() => Task.FromResult(condition()), what);

    /// <inheritdoc cref="TrueAsync(Func{Task{bool}}, Func{string}, TimeSpan?)"/>
    public static Task TrueAsync(Func<bool> condition, Func<string> what, TimeSpan? patience = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, patience);
}
