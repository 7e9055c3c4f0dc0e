namespace ValidonX.Platform.Accounts;

/// <summary>What passwords must be like: long enough, and not so long that hashing one is work in itself.</summary>
public static class Passwords
{
    /// <summary>Fewest characters of a new one.</summary>
    public const int MinimumLength = 12;

    /// <summary>Most characters.</summary>
    public const int MaximumLength = 1_024;
}
