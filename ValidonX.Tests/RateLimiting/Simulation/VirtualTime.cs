namespace ValidonX.Tests.RateLimiting.Simulation;

/// <summary>The clocks of one process in the <see cref="VirtualWorld"/>: its wall clock is off, both run a little fast or slow.</summary>
internal sealed class VirtualTime(VirtualWorld world, DateTimeOffset epoch, TimeSpan skew, double drift) : TimeProvider
{
    private readonly long _born = world.Now;

    /// <summary>A process that has died hears no timer any more.</summary>
    public bool IsDead { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => 1_000_000_000 + (long)((world.Now - _born) * 10 * (1 + drift));

    public override DateTimeOffset GetUtcNow() => epoch + skew + TimeSpan.FromMicroseconds(world.Now * (1 + drift));

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new Timer(this, callback, state, dueTime, period);

    private sealed class Timer : ITimer
    {
        private readonly VirtualTime _time;
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private long _setting;

        public Timer(VirtualTime time, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_time, _callback, _state) = (time, callback, state);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var setting = ++_setting;
            if (dueTime == Timeout.InfiniteTimeSpan) return true;
            _time.World.After((long)Math.Ceiling(dueTime.TotalMicroseconds / (1 + _time.Drift)), () => Fire(setting, period));
            return true;
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Fire(long setting, TimeSpan period)
        {
            if (setting != _setting || _time.IsDead) return;
            if (period != Timeout.InfiniteTimeSpan) Change(period, period);
            _callback(_state);
        }
    }

    private VirtualWorld World => world;

    private double Drift => drift;
}
