using Microsoft.Extensions.Options;

namespace ValidonX.Gateway.Admission;

/// <summary>Registers the bound on requests under way.</summary>
internal static class AdmissionRegistration
{
    /// <summary>Adds <see cref="TenantGates"/>.</summary>
    public static void AddAdmission(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<AdmissionOptions>().BindConfiguration("Gateway:Admission").ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<AdmissionOptions>, Validator>();
        builder.Services.AddSingleton<TenantGates>();
    }

    private sealed class Validator : IValidateOptions<AdmissionOptions>
    {
        public ValidateOptionsResult Validate(string? name, AdmissionOptions options)
        {
            var errors = new List<string>();
            if (options.MaximumRequests < 1)
            {
                errors.Add("Gateway:Admission:MaximumRequests must be at least 1.");
            }

            if (options.TenantShare is not (> 0 and <= 1))
            {
                errors.Add("Gateway:Admission:TenantShare must be above 0 and at most 1.");
            }

            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
