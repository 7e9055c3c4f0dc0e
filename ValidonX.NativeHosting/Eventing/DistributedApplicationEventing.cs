using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Eventing;

/// <inheritdoc cref="IDistributedApplicationEventing"/>
internal sealed class DistributedApplicationEventing : IDistributedApplicationEventing
{
    private ImmutableList<(Type Type, DistributedApplicationEventSubscription Subscription)> _subscriptions = [];

    public DistributedApplicationEventSubscription Subscribe<T>(Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationEvent
    {
        var subscription = new DistributedApplicationEventSubscription((happened, cancellation) => callback((T)happened, cancellation));
        ImmutableInterlocked.Update(ref _subscriptions, static (all, added) => all.Add(added), (typeof(T), subscription));
        return subscription;
    }

    public DistributedApplicationEventSubscription Subscribe<T>(IResource resource, Func<T, CancellationToken, Task> callback)
        where T : IDistributedApplicationResourceEvent =>
        Subscribe<T>((happened, cancellation) =>
            ReferenceEquals(happened.Resource, resource) ? callback(happened, cancellation) : Task.CompletedTask);

    public void Unsubscribe(DistributedApplicationEventSubscription subscription) =>
        ImmutableInterlocked.Update(
            ref _subscriptions, static (all, ended) => all.RemoveAll(entry => ReferenceEquals(entry.Subscription, ended)), subscription);

    public async Task PublishAsync<T>(T @event, CancellationToken cancellationToken = default)
        where T : IDistributedApplicationEvent
    {
        foreach (var (type, subscription) in _subscriptions)
        {
            if (type == typeof(T))
                await subscription.Callback(@event, cancellationToken);
        }
    }
}
