using ValidonX.Coherence;

namespace ValidonX.Tests.Coherence;

/// <summary>The real bus, whose traffic can be held up: what a process stopped in its tracks looks like to all others.</summary>
internal sealed class HoldableBus(ICoherenceBus bus) : ICoherenceBus
{
    private volatile TaskCompletionSource _open = Completed();
    private volatile bool _refuses;
    private volatile bool _loses;

    /// <summary>From now on nothing gets in or out.</summary>
    public void Hold() => _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From now on every call fails as without a connection, while announcements still arrive.</summary>
    public void Refuse() => _refuses = true;

    /// <summary>From now on calls fail and announcements are lost: a partition.</summary>
    public void CutOff() => _refuses = _loses = true;

    public void Accept() => _refuses = _loses = false;

    /// <summary>From now on announcements are lost on their way in, as by a broken subscription, while calls go through.</summary>
    public void Lose() => _loses = true;

    /// <summary>Lets everything through that was held up.</summary>
    public void Release() => _open.TrySetResult();

    public Task SubscribeAsync(string replica, Action<Change> onChange, Action<Acknowledgement> onAcknowledged) =>
        bus.SubscribeAsync(replica, change => _ = _loses ? Task.CompletedTask : PassAsync(() => onChange(change)), acknowledgement => _ = PassAsync(() => onAcknowledged(acknowledgement)));

    public async Task<Renewal> RenewAsync(string replica, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        return await bus.RenewAsync(replica, cancellationToken);
    }

    public async Task<Publication> PublishAsync(string sender, IReadOnlyCollection<Invalidation> changes, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        return await bus.PublishAsync(sender, changes, cancellationToken);
    }

    public async Task AcknowledgeAsync(string? sender, Acknowledgement acknowledgement, CancellationToken cancellationToken)
    {
        await EnterAsync(cancellationToken);
        await bus.AcknowledgeAsync(sender, acknowledgement, cancellationToken);
    }

    public Task LeaveAsync(string replica, CancellationToken cancellationToken) => bus.LeaveAsync(replica, cancellationToken);

    private async Task EnterAsync(CancellationToken cancellationToken)
    {
        await _open.Task.WaitAsync(cancellationToken);
        if (_refuses)
        {
            throw new TimeoutException("Refused by the test.");
        }
    }

    private async Task PassAsync(Action handle)
    {
        await _open.Task;
        handle();
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
