namespace ValidonX.LicensingApi.Offline;

internal static class OfflineServices
{
    /// <summary>Signed verdicts, license files, and what verifies them.</summary>
    public static void AddOfflineVerdicts(this IServiceCollection services)
    {
        services.AddOptions<OfflineOptions>().BindConfiguration(OfflineOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<SigningKeys>();
        services.AddSingleton<SignLease>();
        services.AddSingleton<PublicTenants>();
        services.AddSingleton<PublishedKeys>();
        services.AddSingleton<Revocations>();
        services.AddSingleton<LicenseFiles>();
    }
}
