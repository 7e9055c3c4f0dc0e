namespace ValidonX.Provisioner.Runs;

/// <summary>Sees every stage of every run at the instants that matter when a process dies. Observers must not throw.</summary>
internal interface IStageObserver
{
    /// <summary>The stage is recorded as running and has done nothing yet.</summary>
    void Starting(StageProgress stage);

    /// <summary>The stage has done its work outside the platform database; nothing of that is recorded.</summary>
    void Executed(StageProgress stage);

    /// <summary>The stage is recorded as done.</summary>
    void Recorded(StageProgress stage);

    /// <summary>The stage has thrown; nothing of that is recorded.</summary>
    void Failed(StageProgress stage, Exception exception);
}
