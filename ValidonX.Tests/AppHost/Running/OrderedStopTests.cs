using Aspire.Hosting.ApplicationModel;
using ValidonX.AppHost.Running;

namespace ValidonX.Tests.AppHost.Running;

public sealed class OrderedStopTests
{
    [Fact]
    public void Nothing_stops_before_all_that_wait_for_it()
    {
        ExecutableResource provisioner = Tool("provisioner"), one = Tool("api-1"), two = Tool("api-2"), gateway = Tool("gateway");
        one.Annotations.Add(new WaitAnnotation(provisioner, WaitType.WaitUntilHealthy));
        two.Annotations.Add(new WaitAnnotation(provisioner, WaitType.WaitUntilHealthy));
        gateway.Annotations.Add(new WaitAnnotation(one, WaitType.WaitUntilHealthy));
        gateway.Annotations.Add(new WaitAnnotation(two, WaitType.WaitUntilHealthy));

        var stages = OrderedStop.Stages([provisioner, one, two, gateway]).ToArray();

        Assert.Equal([[gateway], [one, two], [provisioner]], stages);
    }

    [Fact]
    public void Resources_that_wait_for_each_other_do_not_block_the_end()
    {
        ExecutableResource one = Tool("one"), other = Tool("other");
        one.Annotations.Add(new WaitAnnotation(other, WaitType.WaitUntilHealthy));
        other.Annotations.Add(new WaitAnnotation(one, WaitType.WaitUntilHealthy));

        Assert.Equal([[one, other]], OrderedStop.Stages([one, other]));
    }

    private static ExecutableResource Tool(string name) => new(name, "true", "/");
}
