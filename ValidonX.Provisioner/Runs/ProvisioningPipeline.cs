using ValidonX.Platform.Jobs;
using ValidonX.Platform.Provisioning;
using ValidonX.Provisioner.Stages;

namespace ValidonX.Provisioner.Runs;

/// <summary>Takes a run through the stages that it has not done yet.</summary>
internal sealed class ProvisioningPipeline
{
    private readonly ProvisioningStageStep[] _stages;
    private readonly IStageObserver[] _observers;
    private readonly TimeProvider _time;

    public ProvisioningPipeline(IEnumerable<ProvisioningStageStep> stages, IEnumerable<IStageObserver> observers, TimeProvider time)
    {
        _stages = [.. stages.OrderBy(stage => stage.Number)];
        _observers = [.. observers];
        _time = time;
        if (!_stages.Select(stage => stage.Name).SequenceEqual(ProvisioningStages.InOrder))
        {
            throw new InvalidOperationException("The registered stages are not the twelve of ProvisioningStages.");
        }
    }

    /// <summary>Runs the stages in order, each recorded before the next begins.</summary>
    /// <exception cref="JobFailedException">A stage failed.</exception>
    /// <exception cref="LeaseLostException">Another worker has the run.</exception>
    public async Task RunAsync(RunState run, StageContext context, RunJournal journal, JobLease lease, CancellationToken cancellationToken)
    {
        var open = _stages.Where(stage => !run.Done.Contains(stage.Number)).ToList();
        for (var i = 0; i < open.Count; i++)
        {
            var stage = open[i];
            var progress = new StageProgress(run.Id, context.Tenant, stage.Number, stage.Name);
            foreach (var observer in _observers)
            {
                observer.Starting(progress);
            }

            var started = _time.GetTimestamp();
            try
            {
                lease.ThrowIfLost();
                await stage.ExecuteAsync(context, cancellationToken);
                progress.Duration = _time.GetElapsedTime(started);
                foreach (var observer in _observers)
                {
                    observer.Executed(progress);
                }

                await journal.RecordDoneAsync(progress, context.TakeWrites(), i + 1 < open.Count ? open[i + 1].Number : null, cancellationToken);
            }
            catch (Exception exception) when (exception is not LeaseLostException and not OperationCanceledException)
            {
                progress.Duration = _time.GetElapsedTime(started);
                foreach (var observer in _observers)
                {
                    observer.Failed(progress, exception);
                }

                throw StageFailure.Of(stage.Name, exception);
            }
            catch (Exception)
            {
                // Cut off: somebody else goes on with it.
                progress.Activity?.Dispose();
                throw;
            }

            foreach (var observer in _observers)
            {
                observer.Recorded(progress);
            }
        }
    }
}
