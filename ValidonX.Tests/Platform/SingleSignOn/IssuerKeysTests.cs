using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using ValidonX.Platform.SingleSignOn;

namespace ValidonX.Tests.Platform.SingleSignOn;

/// <summary>What issuers can do to those who wait for them.</summary>
public sealed class IssuerKeysTests
{
    [Fact]
    public async Task An_issuer_that_does_not_answer_holds_a_few_callers_and_no_more()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var answer = new TaskCompletionSource<IPAddress[]>();
        var options = Options.Create(new SingleSignOnOptions { MostWaiting = 2 });
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var documents = new IssuerDocuments((_, _) => answer.Task, options);
        var metrics = new SingleSignOnMetrics(services.GetRequiredService<IMeterFactory>());
        var keys = new Issuers(documents, options, metrics, TimeProvider.System, NullLogger<Issuers>.Instance).Of("https://issuer.example");

        Task<IssuerKeySet?>[] waiting = [keys.GetAsync(cancellation).AsTask(), keys.GetAsync(cancellation).AsTask()];
        Assert.Null(await keys.GetAsync(cancellation));
        Assert.All(waiting, one => Assert.False(one.IsCompleted));

        answer.SetException(new SocketException((int)SocketError.HostNotFound));
        Assert.All(await Task.WhenAll(waiting), Assert.Null);
    }
}
