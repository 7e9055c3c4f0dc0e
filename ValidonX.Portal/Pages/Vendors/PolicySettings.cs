using ValidonX.Portal.Components.Parts;

namespace ValidonX.Portal.Pages.Vendors;

/// <summary>The members of a policy, in the words of who sells licenses.</summary>
internal static class PolicySettings
{
    public static IReadOnlyList<SettingGroup> All { get; } =
    [
        new(
            "Devices",
            new("max_activations", "Devices of a license", "How many may be activated at a time. Empty: as many as your plan allows."),
            new("overage", "Beyond that", "How many more devices are let in before the limit holds.", SettingKind.Choice)
            {
                Of = [("none", "none"), ("1.25x", "a quarter more"), ("1.5x", "half as many more"), ("2x", "as many again"), ("unlimited", "without limit")],
            },
            new("fingerprint_match", "The same device", "How much of a device's hardware has to be as it was for it to be the same one.", SettingKind.Choice)
            {
                Of = [("any", "any one part"), ("most", "more than half"), ("all", "all of it")],
            }),
        new(
            "Moving to other devices",
            new("churn.activations", "Moves", "How often seats may go to another device within the days beside. Empty, all three: as often as they like."),
            new("churn.per_days", "Within days", "Counted back from today."),
            new("churn.cool_down_hours", "Hours between moves", "No seat moves sooner after the last move.")),
        new(
            "Time",
            new("duration_days", "Days that a license lasts", "For licenses made without a day of expiry. Empty: they never expire."),
            new("expires_from", "Counted from", "When those days begin.", SettingKind.Choice) { Of = [("creation", "the day it is made"), ("first_activation", "the first activation")] },
            new("grace_days", "Days of grace", "So long after its expiry a license still works."),
            new("valid_from", "Good from (UTC)", "Before that no license works.", SettingKind.Time)),
        new(
            "Leased seats and working offline",
            new("heartbeat_seconds", "Seconds between heartbeats", "How often an app with a leased seat tells that it still runs. Empty: 600."),
            new("lease_grace_seconds", "Seconds a heartbeat may be late", "Then the seat is free for another device. Empty: 300."),
            new("offline_days", "Days offline", "How long an app may go on without asking; 0: not at all. Empty: as your settings say.")),
        new(
            "Where and when",
            new("allowed_regions", "Only in", "Countries such as DE or parts of them such as DE-BY, separated by commas; “all” for everywhere.", SettingKind.List) { Empty = "all" },
            new("denied_regions", "Not in", "The same; “none” for nowhere.", SettingKind.List) { Empty = "none" },
            new("allowed_hours.from", "From", "The hours in which licenses work, such as 08:00. Empty, all four: at any time.", SettingKind.Text),
            new("allowed_hours.to", "Until", "Such as 18:00. Not after the beginning: of the next day.", SettingKind.Text),
            new("allowed_hours.time_zone", "On the clocks of", "A time zone such as Europe/Berlin.", SettingKind.Text),
            new("allowed_hours.days", "On", "Of mon, tue, wed, thu, fri, sat, sun, separated by commas. Empty: every day.", SettingKind.List)),
    ];
}
