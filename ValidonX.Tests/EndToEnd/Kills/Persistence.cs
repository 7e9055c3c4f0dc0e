using System.Diagnostics;

namespace ValidonX.Tests.EndToEnd.Kills;

/// <summary>A client that sends the same call again, under the same Idempotency-Key, until it has an answer.</summary>
internal static class Persistence
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Calls until what comes is an answer: no broken connection, no 408, 429 or 5xx, and not that the first call still runs.</summary>
    /// <returns>The answer, and how often it took.</returns>
    public static async Task<(Answer Answer, int Calls)> AgainAsync(Func<Task<Answer>> call)
    {
        var waited = Stopwatch.StartNew();
        for (var calls = 1; ; calls++)
        {
            try
            {
                var answer = await call();
                if (answer.Status is not (408 or 429 or >= 500) && !(answer.Status == 409 && answer.Code == "IDEMPOTENCY.IN_PROGRESS"))
                {
                    return (answer, calls);
                }

                Assert.True(waited.Elapsed < Patience, $"There was no answer for {Patience}; the last was {answer}");
            }
            catch (Exception broken) when (broken is HttpRequestException or IOException or TaskCanceledException && waited.Elapsed < Patience)
            {
                TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            }

            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }
}
