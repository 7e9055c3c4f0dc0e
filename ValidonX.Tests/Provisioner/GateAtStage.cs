using ValidonX.Provisioner.Runs;

namespace ValidonX.Tests.Provisioner;

/// <summary>Holds a worker directly before a stage.</summary>
internal sealed class GateAtStage(int number) : IStageObserver, IDisposable
{
    private readonly ManualResetEventSlim _gate = new();

    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _gate.Set();

    public void Starting(StageProgress stage)
    {
        if (stage.Number != number) return;
        Reached.TrySetResult();
        _gate.Wait(TestContext.Current.CancellationToken);
    }

    public void Executed(StageProgress stage)
    {
        // Not of interest.
    }

    public void Recorded(StageProgress stage)
    {
        // Not of interest.
    }

    public void Failed(StageProgress stage, Exception exception)
    {
        // Not of interest.
    }

    public void Dispose() => _gate.Dispose();
}
