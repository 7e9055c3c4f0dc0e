using System.Collections.Concurrent;
using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.Processes;

namespace ValidonX.Tests.NativeHosting;

public sealed class GuardedProcessTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private readonly ConcurrentQueue<(string Text, bool IsError)> _lines = new();

    [Fact]
    public async Task Everything_a_process_writes_arrives_line_by_line_with_its_exit_code()
    {
        using var process = Start("echo one; echo two >&2; exit 7");

        Assert.Equal(7, await process.Exited.WaitAsync(Long, TestContext.Current.CancellationToken));
        Assert.Contains(("one", false), _lines);
        Assert.Contains(("two", true), _lines);
    }

    [Fact]
    public async Task A_process_that_is_asked_to_stop_may_finish_its_work()
    {
        using var process = Start("trap 'echo done; exit 0' TERM; echo ready; while :; do sleep 0.05; done");
        await SaidAsync("ready");

        await process.StopAsync(Long);

        Assert.Equal(0, await process.Exited);
        Assert.Contains(("done", false), _lines);
    }

    [Fact]
    public async Task A_process_that_ignores_the_request_is_killed_with_all_that_it_started()
    {
        using var process = Start("trap '' TERM; sleep 300 & echo $!; while :; do sleep 0.05; done");
        await Until.TrueAsync(() => !_lines.IsEmpty, "the process said its child's id");
        var child = int.Parse(_lines.Single().Text, CultureInfo.InvariantCulture);

        await process.StopAsync(Short);

        Assert.Equal(128 + 9, await process.Exited);
        await Until.TrueAsync(() => !IsAlive(child), "the child is gone");
    }

    [Fact]
    public async Task What_a_process_leaves_running_ends_with_it()
    {
        using var process = Start("sleep 300 & echo $!");
        await process.Exited.WaitAsync(Long, TestContext.Current.CancellationToken);
        var child = int.Parse(_lines.Single().Text, CultureInfo.InvariantCulture);

        await Until.TrueAsync(() => !IsAlive(child), "the child is gone");
    }

    [Fact]
    public async Task Variables_can_be_set_and_taken_away()
    {
        using var process = Start(
            "echo \"[$GIVEN][$HOME]\"", new Dictionary<string, string?> { ["GIVEN"] = "a b", ["HOME"] = null });
        await process.Exited.WaitAsync(Long, TestContext.Current.CancellationToken);

        Assert.Equal("[a b][]", _lines.Single().Text);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_a_clear_failure()
    {
        var spec = new LaunchSpec("sh", [], new Dictionary<string, string?>(), "/nonexistent");

        Assert.Throws<DistributedApplicationException>(() => GuardedProcess.Start(spec, (_, _) => { }));
    }

    internal static bool IsAlive(int processId)
    {
        try
        {
            // A dead process that nobody has asked about yet is dead all the same.
            var status = File.ReadAllText($"/proc/{processId}/stat");
            return status[(status.LastIndexOf(')') + 2)..][0] is not ('Z' or 'X');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private GuardedProcess Start(string script, IReadOnlyDictionary<string, string?>? variables = null) => GuardedProcess.Start(
        new LaunchSpec("sh", ["-c", script], variables ?? new Dictionary<string, string?>(), Path.GetTempPath()),
        (line, isError) => _lines.Enqueue((line, isError)));

    private Task SaidAsync(string text) => Until.TrueAsync(() => _lines.Any(line => line.Text == text), $"the process said '{text}'");
}
