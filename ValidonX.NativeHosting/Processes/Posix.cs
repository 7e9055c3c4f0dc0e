using System.Runtime.InteropServices;

namespace Aspire.Hosting.Processes;

/// <summary>The system calls that .NET offers no other way to.</summary>
internal static class Posix
{
    private const int TerminateSignal = 15;
    private const int KillSignal = 9;

    public static bool IsAvailable => !OperatingSystem.IsWindows();

    public static int ParentProcessId => GetParentProcessId();

    public static bool IsRoot => IsAvailable && Environment.IsPrivilegedProcess;

    public static void Terminate(int processId) => _ = Send(processId, TerminateSignal);

    /// <summary>Kills a process together with every process it started.</summary>
    public static void KillGroup(int leaderProcessId) => _ = Send(-leaderProcessId, KillSignal);

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int Send(int processId, int signal);

    [DllImport("libc", EntryPoint = "getppid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static extern int GetParentProcessId();
}
