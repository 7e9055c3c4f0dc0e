using System.Runtime.InteropServices;

namespace ValidonX.Platform.Rollups;

/// <summary>What one tenant's requests come to at this process: the running minute, and the minutes that have yet to be written.</summary>
public sealed class TenantTally
{
    /// <summary>How many minutes are held while they cannot be written.</summary>
    internal const int MostMinutes = 30;

    private const int MostHours = 2;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly Dictionary<DateTime, OfMinute> _minutes = [];
    private readonly Dictionary<DateTime, OfHour> _hours = [];
    private (DateTime At, OfMinute? Held) _running;
    private (DateTime At, OfHour? Held) _routes;

    internal TenantTally(TimeProvider time) => _time = time;

    internal void Request(string route, int status, string? refusedBy, TimeSpan? duration)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow().UtcDateTime;
            Running(now).Count(status, refusedBy, duration);
            ref var ofRoute = ref CollectionsMarshal.GetValueRefOrAddDefault(RoutesOf(now), route, out _);
            ofRoute = new RouteUse(route, ofRoute.Requests + 1, ofRoute.Errors + (status >= 500 ? 1 : 0), ofRoute.Duration + duration.GetValueOrDefault());
        }
    }

    internal void Database(TimeSpan duration)
    {
        lock (_gate)
        {
            Running(_time.GetUtcNow().UtcDateTime).Count(duration);
        }
    }

    internal void Queue(long depth, long age)
    {
        lock (_gate)
        {
            Running(_time.GetUtcNow().UtcDateTime).Note(depth, age);
        }
    }

    /// <summary>What has changed since it was last written, whole: who writes it twice changes nothing.</summary>
    internal IReadOnlyList<Changed> Changes()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow().UtcDateTime;
            RemoveWritten(_minutes, Minute(now));
            RemoveWritten(_hours, Hour(now));
            (_running, _routes) = (default, default);
            return
            [
                .. _minutes.Where(minute => minute.Value.IsChanged)
                    .Select(minute => new Changed(minute.Key, IsRoutes: false, minute.Value.Version, minute.Value.Use.ToString())),
                .. _hours.Where(hour => hour.Value.IsChanged)
                    .Select(hour => new Changed(hour.Key, IsRoutes: true, hour.Value.Version, RouteUse.Write(hour.Value.Routes.Values))),
            ];
        }
    }

    /// <summary>These were written. What has changed meanwhile is written again.</summary>
    internal void Written(IReadOnlyList<Changed> changes)
    {
        lock (_gate)
        {
            foreach (var change in changes)
            {
                Held? held = change.IsRoutes ? _hours.GetValueOrDefault(change.At) : _minutes.GetValueOrDefault(change.At);
                if (held?.Version == change.Version)
                {
                    held.IsChanged = false;
                }
            }
        }
    }

    internal static DateTime Minute(DateTime at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerMinute), DateTimeKind.Utc);

    internal static DateTime Hour(DateTime at) => new(at.Ticks - (at.Ticks % TimeSpan.TicksPerHour), DateTimeKind.Utc);

    private static void RemoveWritten<T>(Dictionary<DateTime, T> held, DateTime running)
        where T : Held
    {
        foreach (var at in held.Where(one => one.Key < running && !one.Value.IsChanged).Select(one => one.Key).ToList())
        {
            held.Remove(at);
        }
    }

    private static T At<T>(Dictionary<DateTime, T> held, DateTime at, int most, ref (DateTime At, T? Held) last)
        where T : Held, new()
    {
        if (last.Held is not { } found || last.At != at)
        {
            if (!held.TryGetValue(at, out found))
            {
                // Nobody could take these for long: the oldest goes.
                while (held.Count >= most)
                {
                    held.Remove(held.Keys.Min());
                }

                held.Add(at, found = new T());
            }

            last = (at, found);
        }

        found.Touch();
        return found;
    }

    private Use Running(DateTime now) => At(_minutes, Minute(now), MostMinutes, ref _running).Use;

    private Dictionary<string, RouteUse> RoutesOf(DateTime now) => At(_hours, Hour(now), MostHours, ref _routes).Routes;

    /// <summary>Something that has changed.</summary>
    /// <param name="At">Its minute or, of routes, its hour.</param>
    /// <param name="IsRoutes">Whether it tells routes apart.</param>
    /// <param name="Version">Which state of it this is.</param>
    /// <param name="Text">The state.</param>
    internal sealed record Changed(DateTime At, bool IsRoutes, int Version, string Text);

    private abstract class Held
    {
        public bool IsChanged { get; set; }

        public int Version { get; private set; }

        public void Touch() => (IsChanged, Version) = (true, Version + 1);
    }

    private sealed class OfMinute : Held
    {
        public Use Use { get; } = new();
    }

    private sealed class OfHour : Held
    {
        public Dictionary<string, RouteUse> Routes { get; } = new(StringComparer.Ordinal);
    }
}
