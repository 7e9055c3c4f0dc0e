namespace Aspire.Hosting.ApplicationModel;

/// <summary>A connection string that configuration gives.</summary>
internal sealed class ExternalConnectionString(string name, ParameterResource value, string? environmentVariable)
    : Resource(name), IResourceWithConnectionString
{
    public ParameterResource Value { get; } = value;

    public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"{Value}");

    public string? ConnectionStringEnvironmentVariable { get; } = environmentVariable;
}
