using Microsoft.Extensions.Logging;

namespace ValidonX.Platform.Databases;

/// <summary>
/// Says in the log that a database server is away: one line when it begins and one a minute while it lasts, however many calls notice it. Who is
/// refused learns it from the answer; a line for each, with a stack trace, would bury everything else when the log is needed most.
/// </summary>
public sealed partial class DatabaseOutage(TimeProvider time, ILogger<DatabaseOutage> logger)
{
    private static readonly TimeSpan Reminder = TimeSpan.FromMinutes(1);

    /// <summary>What is noted after as long a time without is another outage.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private long? _last;
    private long _began;
    private long _told;
    private int _untold;

    /// <summary>A call needed the server and failed.</summary>
    public void Note(Exception failure)
    {
        var now = time.GetTimestamp();
        int calls;
        TimeSpan lasts;
        lock (_gate)
        {
            var isNew = _last is null || time.GetElapsedTime(_last.Value, now) > Quiet;
            _last = now;
            if (isNew)
            {
                (_began, _told, _untold) = (now, now, 0);
            }
            else if (time.GetElapsedTime(_told, now) >= Reminder)
            {
                _told = now;
            }
            else
            {
                _untold++;
                return;
            }

            (calls, _untold) = (_untold + 1, 0);
            lasts = time.GetElapsedTime(_began, now);
        }

        if (lasts == TimeSpan.Zero)
        {
            Log.Began(logger, failure.Message);
        }
        else
        {
            Log.Lasts(logger, (long)lasts.TotalSeconds, calls, failure.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A database server does not answer; what needs it is refused or waits until it does. {Reason}")]
        public static partial void Began(ILogger logger, string reason);

        [LoggerMessage(2, LogLevel.Warning, "A database server has not answered for {Seconds} s; {Calls} calls failed in the last minute. {Reason}")]
        public static partial void Lasts(ILogger logger, long seconds, int calls, string reason);
    }
}
