using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace ValidonX.ServiceDefaults.Startup;

/// <summary>The connection strings that a service cannot do without, so that a start tells all that are missing at once.</summary>
internal sealed class RequiredConnections;

/// <summary>Asks for connection strings.</summary>
public static class RequiredConnectionsExtensions
{
    /// <summary>Lets the start fail with one sentence when the connection string is missing or wrong.</summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="name">Its name under <c>ConnectionStrings</c>.</param>
    /// <param name="example">What it may look like.</param>
    /// <param name="problem">What is wrong with one that is there, in a sentence, or <see langword="null"/>.</param>
    public static void RequireConnectionString(this IHostApplicationBuilder builder, string name, string example, Func<string, string?> problem)
    {
        builder.Services.AddOptions<RequiredConnections>().ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<RequiredConnections>>(new Validator(builder.Configuration, name, example, problem));
    }

    private sealed class Validator(IConfiguration configuration, string name, string example, Func<string, string?> problem)
        : IValidateOptions<RequiredConnections>
    {
        public ValidateOptionsResult Validate(string? options, RequiredConnections value)
        {
            var connection = configuration.GetConnectionString(name);
            if (string.IsNullOrWhiteSpace(connection))
            {
                return ValidateOptionsResult.Fail(
                    $"The connection string '{name}' is missing: set the environment variable ConnectionStrings__{name}, for example \"{example}\", "
                    + "or start the service through the AppHost.");
            }

            return problem(connection) is { } sentence ? ValidateOptionsResult.Fail($"Connection string '{name}': {sentence}") : ValidateOptionsResult.Success;
        }
    }
}
