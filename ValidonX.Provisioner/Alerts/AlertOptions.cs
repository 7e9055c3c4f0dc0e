using System.ComponentModel.DataAnnotations;
using ValidonX.Platform.Accounts;

namespace ValidonX.Provisioner.Alerts;

/// <summary>Configuration section <c>Alerts</c>; see docs/decisions/0029-alerts.md. Thresholds are what counts where neither tenant nor plan has one of its own.</summary>
internal sealed class AlertOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Alerts";

    /// <summary>How often everything is looked at, by one provisioner of all.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>For how long a condition has to be over before its alert is closed.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan CloseAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Who gets the mails of operators, addresses with commas between them; empty: every operator's own address.</summary>
    public string MailTo { get; set; } = "";

    /// <summary>What an operator has to mend when one of them is none.</summary>
    public const string MailToProblem = $"{Section}:MailTo must be e-mail addresses with commas between them.";

    /// <summary>The single addresses.</summary>
    public IReadOnlyList<string> MailAddresses => MailTo.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether all of them are addresses.</summary>
    public bool IsMailToValid => MailAddresses.All(address => EmailAddress.TryParse(address, out _));

    /// <summary>How many alerts operators are mailed of within an hour; further ones are in the list alone. 0: no mails to operators.</summary>
    [Range(0, 10_000)]
    public int MailsAnHour { get; set; } = 30;

    /// <summary>A tenant is noisy above so many percent of the median of active tenants.</summary>
    [Range(101, 1_000_000)]
    public long NoisyPercent { get; set; } = 200;

    /// <summary>And with at least so many requests in the running minute and the one before; of less no neighbor feels anything.</summary>
    [Range(1, long.MaxValue)]
    public long NoisyRequests { get; set; } = 1_000;

    /// <summary>So many percent of the requests were answered with 500 and above.</summary>
    [Range(1, 100)]
    public long ErrorPercent { get; set; } = 5;

    /// <summary>One request in twenty took so many milliseconds or more.</summary>
    [Range(1, 3_600_000)]
    public long P95Ms { get; set; } = 2_000;

    /// <summary>Below so many requests neither errors nor durations are judged.</summary>
    [Range(1, long.MaxValue)]
    public long MinimumRequests { get; set; } = 20;

    /// <summary>A job has been due for so many seconds.</summary>
    [Range(1, 31_536_000)]
    public long QueueAgeS { get; set; } = 300;

    /// <summary>So many percent of the month's calls are used up.</summary>
    [Range(1, 99)]
    public long QuotaPercent { get; set; } = 80;
}
