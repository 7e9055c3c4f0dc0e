using Microsoft.Extensions.Options;

namespace ValidonX.Platform.Secrets;

/// <summary>Reports all missing or too short secrets at once, by the names an operator sets.</summary>
internal sealed class PlatformSecretsValidator(SecretName needed) : IValidateOptions<PlatformSecrets>
{
    private const int MinimumLength = 32;

    public ValidateOptionsResult Validate(string? name, PlatformSecrets options)
    {
        var failures = new List<string>();
        Check(SecretName.ApiKeyPepper, options.ApiKeyPepper, failures);
        Check(SecretName.ContextSigningKey, options.ContextSigningKey, failures);
        Check(SecretName.DataEncryptionKey, options.DataEncryptionKey, failures);
        if (options.ServiceDatabasePassword.Length < 16)
        {
            failures.Add(Sentence(nameof(PlatformSecrets.ServiceDatabasePassword), 16));
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static string Sentence(string name, int length) =>
        $"The secret '{PlatformSecrets.Section}:{name}' is missing or shorter than {length} characters: set the environment variable "
        + $"{PlatformSecrets.Section}__{name}, or start the service through the AppHost.";

    private void Check(SecretName secret, string? value, List<string> failures)
    {
        if (needed.HasFlag(secret) && (value is null || value.Length < MinimumLength))
        {
            failures.Add(Sentence(secret.ToString(), MinimumLength));
        }
    }
}
