namespace Aspire.Hosting.ApplicationModel;

/// <summary>How a command is shown.</summary>
public class CommandOptions
{
    /// <summary>What the command does.</summary>
    public string? Description { get; set; }

    /// <summary>A question to ask before it is run.</summary>
    public string? ConfirmationMessage { get; set; }

    /// <summary>The name of its icon.</summary>
    public string? IconName { get; set; }

    /// <summary>The variant of its icon.</summary>
    public IconVariant? IconVariant { get; set; }

    /// <summary>Whether it is shown first.</summary>
    public bool IsHighlighted { get; set; }
}

/// <summary>The variants of an icon.</summary>
public enum IconVariant
{
    /// <summary>An outline.</summary>
    Regular,

    /// <summary>Filled.</summary>
    Filled,
}
