using System.Globalization;
using System.Runtime.InteropServices;

namespace ValidonX.Platform.Accounts;

/// <summary>Threads that get the processor when nobody else wants it, or next to never.</summary>
internal static partial class HashingThreads
{
    private const int StackBytes = 256 * 1024;
    private const int OfProcess = 0;
    private const int CallingThread = 0;

    /// <summary>Starts one.</summary>
    /// <param name="number">Tells it from others.</param>
    /// <param name="niceness">How far it steps back: 0 not at all, 19 the furthest.</param>
    /// <param name="work">What it does.</param>
    public static void Start(int number, int niceness, Action work)
    {
        var thread = new Thread(Run, StackBytes)
        {
            IsBackground = true,
            Name = string.Create(CultureInfo.InvariantCulture, $"password hashing {number}"),
            Priority = niceness > 0 ? ThreadPriority.Lowest : ThreadPriority.Normal,
        };
        thread.Start();

        void Run()
        {
            // The runtime's priorities mean nothing to Linux, which has a niceness for each thread. Refused, the thread works as all others do.
            if (OperatingSystem.IsLinux() && niceness > 0)
            {
                _ = SetPriority(OfProcess, CallingThread, niceness);
            }

            work();
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int value);
}
