namespace Aspire.Hosting.ApplicationModel;

/// <summary>The commands that every resource with a process has.</summary>
public static class KnownResourceCommands
{
    /// <summary>Starts it.</summary>
    public static readonly string StartCommand = "start";

    /// <summary>Stops it, and keeps it stopped.</summary>
    public static readonly string StopCommand = "stop";

    /// <summary>Stops it and starts it again.</summary>
    public static readonly string RestartCommand = "restart";
}
