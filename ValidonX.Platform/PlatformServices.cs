using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Audit;
using ValidonX.Platform.Callers;
using ValidonX.Platform.Databases;
using ValidonX.Platform.Jobs;
using ValidonX.Platform.Keys;
using ValidonX.Platform.Mail;
using ValidonX.Platform.Outbox;
using ValidonX.Platform.Plans;
using ValidonX.Platform.Provisioning;
using ValidonX.Platform.Rollups;
using ValidonX.Platform.Schema;
using ValidonX.Platform.Secrets;
using ValidonX.ServiceDefaults.Startup;

namespace ValidonX.Platform;

/// <summary>Registers what services share as a domain. Redis and the coherent caches register themselves beside it.</summary>
public static class PlatformServices
{
    /// <summary>
    /// The platform database (connection string <c>platform</c>), tenant scopes, keys, tokens, jobs and audit. Missing configuration ends
    /// the process at start with one sentence for each thing that is missing.
    /// </summary>
    /// <param name="builder">The service's builder.</param>
    /// <param name="secrets">Which secrets the service cannot do without.</param>
    public static IHostApplicationBuilder AddPlatform(this IHostApplicationBuilder builder, SecretName secrets)
    {
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton<IValidateOptions<PlatformSecrets>>(new PlatformSecretsValidator(secrets));
        services.AddOptions<PlatformSecrets>().BindConfiguration(PlatformSecrets.Section).ValidateOnStart();

        builder.RequireConnectionString("platform", "Server=localhost;Port=3306;User ID=vx_service;Password=...;Database=validonx_platform", ProblemOf);
        builder.AddPlatformDatabase("platform");
        services.AddSingleton(provider => new TenantDatabases(
            provider.GetRequiredService<PlatformDatabase>(),
            provider.GetRequiredService<IOptions<PlatformSecrets>>(),
            provider.GetService<Tallies>()));
        services.AddSingleton<DatabaseOutage>();
        services.AddHealthChecks().AddCheck<PlatformDatabaseHealth>(PlatformDatabaseHealth.Name);

        services.AddSingleton<ApiKeyHasher>();
        services.AddSingleton<SecretSealer>();
        services.AddSingleton<MailOutbox>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<CallerContextSigner>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AuditSeal>();
        services.AddSingleton<AuditVerification>();
        services.AddSingleton<TenantOutbox>();
        services.AddSingleton<TenantPlans>();
        services.AddSingleton<JobQueue>();
        services.AddSingleton<ProvisioningRuns>();
        return builder;
    }

    /// <summary>What the provisioner has beyond the others: the administrator's login on each database server, and the schemas.</summary>
    public static IHostApplicationBuilder AddDatabaseAdministration(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<DatabaseServersOptions>()
            .BindConfiguration(DatabaseServersOptions.Section)
            .Configure<IConfiguration>((options, configuration) =>
            {
                foreach (var child in configuration.GetSection(DatabaseServersOptions.Section).GetChildren()
                    .Where(child => int.TryParse(child.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _)))
                {
                    options.Servers.Add(child.Get<DatabaseServer>() ?? throw new InvalidOperationException($"'{child.Path}' is not a database server."));
                }
            })
            .Validate(
                static options => options is { AdminUser.Length: > 0, AdminPassword.Length: > 0 },
                "The administrator of the database servers is missing: set the environment variables DatabaseServers__AdminUser and DatabaseServers__AdminPassword, "
                + "or start the service through the AppHost.")
            .Validate(
                static options => options.Servers.All(server => ProblemOf(server) is null),
                "The options of a database server (DatabaseServers__{n}__Options) cannot be used: they are those of a connection string, without login, and beyond this machine "
                + "at least SslMode=Required, which is what holds without any.")
            .Validate(
                static options => options.Servers.Count > 0,
                "No database server is configured: set at least the environment variables of the first (DatabaseServers__0__Name, DatabaseServers__0__Host), "
                + "or start the service through the AppHost.")
            .ValidateOnStart();
        builder.Services.AddSingleton<DatabaseAdministration>();
        builder.Services.AddSingleton<TenantDatabaseRemoval>();
        builder.Services.AddSingleton<SchemaMigrator>();
        builder.Services.AddSingleton<PlatformSchema>();
        return builder;
    }

    private static string? ProblemOf(string connectionString) => ProblemOf(() => ConnectionSettings.Parse(connectionString));

    private static string? ProblemOf(DatabaseServer server) =>
        ProblemOf(() => ConnectionSettings.Complete(new DatabaseLogin(server.Host, server.Port, "", "") { Options = server.Options }));

    private static string? ProblemOf(Func<object> read)
    {
        try
        {
            read();
            return null;
        }
        catch (FormatException problem)
        {
            return problem.Message;
        }
    }
}
