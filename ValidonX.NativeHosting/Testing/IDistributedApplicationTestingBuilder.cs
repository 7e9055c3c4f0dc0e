namespace Aspire.Hosting.Testing;

/// <summary>A stack that a test may still change before it builds it.</summary>
public interface IDistributedApplicationTestingBuilder : IDistributedApplicationBuilder, IAsyncDisposable, IDisposable
{
    /// <summary>Builds the stack.</summary>
    Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken = default);
}
