using ValidonX.Platform.Accounts;
using ValidonX.Platform.Audit;

namespace ValidonX.Gateway.SignIn;

/// <summary>Registers what sign-ins pass.</summary>
internal static class SignInRegistration
{
    /// <summary>Adds the throttle, and the journal of what it refuses.</summary>
    public static void AddSignIn(this IHostApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddOptions<SignInOptions>()
            .BindConfiguration(SignInOptions.Section)
            .Validate(
                options => options is { PerNetwork: >= 1, Strangers: >= 1 },
                $"{SignInOptions.Section}:PerNetwork and {SignInOptions.Section}:Strangers must be at least 1.")
            .ValidateOnStart();
        services.AddSingleton<SignInNames>();
        services.AddSingleton<KnownNetworks>();
        services.AddSingleton<SignInThrottle>();
        services.AddSingleton<SignInMetrics>();
        services.AddSingleton<SignInStage>();
        services.AddCountedAudit();
    }
}
