using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Orchestration;

namespace ValidonX.Tests.NativeHosting;

public sealed class DependenciesTests
{
    [Fact]
    public async Task Nothing_is_done_to_a_resource_before_it_is_done_to_all_that_need_it()
    {
        ExecutableResource mysql = Tool("mysql"), redis = Tool("redis"), api = Tool("api"), gateway = Tool("gateway");
        api.Annotations.Add(new WaitAnnotation(mysql, WaitType.WaitUntilHealthy));
        api.Annotations.Add(new ResourceRelationshipAnnotation(redis, "Reference"));
        gateway.Annotations.Add(new WaitAnnotation(api, WaitType.WaitUntilHealthy));
        gateway.Annotations.Add(new WaitAnnotation(redis, WaitType.WaitUntilHealthy));
        var done = new List<IResource>();

        await Dependencies.ForEachFromDependentsAsync([mysql, redis, api, gateway], async resource =>
        {
            await Task.Yield();
            lock (done)
                done.Add(resource);
        });

        Assert.Equal(4, done.Count);
        Assert.Equal([gateway, api], done.Take(2));
    }

    [Fact]
    public async Task Resources_that_need_each_other_do_not_block_the_end()
    {
        ExecutableResource one = Tool("one"), other = Tool("other");
        one.Annotations.Add(new ResourceRelationshipAnnotation(other, "Reference"));
        other.Annotations.Add(new ResourceRelationshipAnnotation(one, "Reference"));
        var done = 0;

        await Dependencies.ForEachFromDependentsAsync([one, other], _ =>
        {
            Interlocked.Increment(ref done);
            return Task.CompletedTask;
        });

        Assert.Equal(2, done);
    }

    [Fact]
    public void Resources_that_wait_for_each_other_are_named()
    {
        ExecutableResource one = Tool("one"), other = Tool("other"), third = Tool("third");
        third.Annotations.Add(new WaitAnnotation(one, WaitType.WaitUntilHealthy));
        one.Annotations.Add(new WaitAnnotation(other, WaitType.WaitUntilHealthy));
        other.Annotations.Add(new WaitAnnotation(one, WaitType.WaitUntilHealthy));

        var exception = Assert.Throws<DistributedApplicationException>(() => Dependencies.RefuseCycles([third, one, other]));

        Assert.Equal("These resources wait for each other: one -> other -> one.", exception.Message);
    }

    private static ExecutableResource Tool(string name) => new(name, "true", "/");
}
