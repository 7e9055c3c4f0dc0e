using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds parameters to the app model.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter that configuration must give as <c>Parameters:{name}</c>.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, bool secret = false) =>
        builder.AddParameter(name, @default: null, secret);

    /// <summary>Adds a parameter with a value that configuration may override.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, string value, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        return publishValueAsDefault && secret
            ? throw new ArgumentException("A secret cannot be published as a default.", nameof(publishValueAsDefault))
            : builder.AddParameter(name, new ConstantParameterDefault(value), secret);
    }

    /// <summary>Adds a parameter with a default that configuration may override.</summary>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">Makes the default.</param>
    /// <param name="secret">Whether the value must never be shown.</param>
    /// <param name="persist">Whether the default is made only once and kept with the stack's data.</param>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        ArgumentNullException.ThrowIfNull(value);
        return builder.AddParameter(name, persist ? new PersistedParameterDefault(DataFolder.Of(builder), name, value) : value, secret);
    }

    /// <summary>Adds a connection string that configuration must give as <c>ConnectionStrings:{name}</c>.</summary>
    /// <param name="builder">The stack.</param>
    /// <param name="name">The connection's name.</param>
    /// <param name="environmentVariableName">The variable that dependents receive it in; null for <c>ConnectionStrings__{name}</c>.</param>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, string name, string? environmentVariableName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var value = new ParameterResource(name, _ => builder.Configuration.GetConnectionString(name) ?? throw Missing(name), secret: true)
        {
            IsConnectionString = true,
        };
        return builder.AddResource(new ExternalConnectionString(name, value, environmentVariableName));

        static MissingParameterValueException Missing(string name) => new(
            $"The connection string '{name}' is missing: set ConnectionStrings__{name} in the environment or ConnectionStrings:{name} in configuration.");
    }

    /// <summary>A password that is generated once and kept with the stack's data.</summary>
    internal static ParameterResource CreateGeneratedPassword(IDistributedApplicationBuilder builder, string name)
    {
        var generated = new GenerateParameterDefault { Special = false };
        return Create(builder, name, new PersistedParameterDefault(DataFolder.Of(builder), name, generated), secret: true);
    }

    private static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, ParameterDefault? @default, bool secret)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(Create(builder, name, @default, secret));
    }

    private static ParameterResource Create(IDistributedApplicationBuilder builder, string name, ParameterDefault? @default, bool secret) =>
        new(name, fallback => Read(builder.Configuration, name, fallback), secret) { Default = @default };

    private static string Read(ConfigurationManager configuration, string name, ParameterDefault? fallback) =>
        configuration[$"Parameters:{name}"]
        ?? configuration[$"Parameters:{name.Replace('-', '_')}"]
        ?? fallback?.GetDefaultValue()
        ?? throw new MissingParameterValueException(
            $"The parameter '{name}' is missing: set Parameters__{name.Replace('-', '_')} in the environment or Parameters:{name} in configuration.");
}
