using Aspire.Hosting;
using Aspire.Hosting.Testing;

namespace ValidonX.Tests.Hosting;

public sealed class RequiredParametersTests
{
    [Fact]
    public async Task Outside_development_every_missing_secret_is_named_at_once()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.ValidonX_AppHost>(["--environment=Production"], cancellation);
        await using var app = await builder.BuildAsync(cancellation);

        var exception = await Assert.ThrowsAsync<DistributedApplicationException>(() => app.StartAsync(cancellation));

        Assert.StartsWith("9 parameters are missing", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Parameters__api_key_pepper", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Parameters__operator_password", exception.Message, StringComparison.Ordinal);
    }
}
