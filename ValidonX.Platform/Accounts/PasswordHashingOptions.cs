namespace ValidonX.Platform.Accounts;

/// <summary>Configuration section <c>PasswordHashing</c>: what checking passwords may take from everything else.</summary>
public sealed class PasswordHashingOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "PasswordHashing";

    /// <summary>Passwords hashed at once, each on a thread of its own; half the cores by default, so that the other half goes on serving.</summary>
    public int Threads { get; set; } = Math.Max(1, Environment.ProcessorCount / 2);

    /// <summary>Passwords that wait for a thread; beyond, 503 at once. A hash takes some 20 to 60 ms, so this is a wait of under a second.</summary>
    public int MaximumWaiting { get; set; } = 16;

    /// <summary>How far hashing steps back behind whatever else wants the processor, on Linux: 0 not at all, 19 the furthest.</summary>
    public int Niceness { get; set; } = 10;

    /// <summary>Whether the numbers make sense: at most one hash per core.</summary>
    public bool IsValid =>
        Threads >= 1 && Threads <= Environment.ProcessorCount && MaximumWaiting is >= 1 and <= 1_000 && Niceness is >= 0 and <= 19;
}
