using Microsoft.Extensions.Options;

namespace ValidonX.Platform.Secrets;

/// <summary>Reports all missing or too short secrets at once, by the names an operator sets.</summary>
internal sealed class PlatformSecretsValidator(SecretName needed) : IValidateOptions<PlatformSecrets>
{
    private const int MinimumLength = 32;
    private const int MinimumPasswordLength = 16;

    public ValidateOptionsResult Validate(string? name, PlatformSecrets options)
    {
        var failures = new List<string>();
        Check(SecretName.ApiKeyPepper, options.ApiKeyPepper, failures);
        Check(SecretName.ContextSigningKey, options.ContextSigningKey, failures);
        Check(SecretName.DataEncryptionKey, options.DataEncryptionKey, failures);
        Check(SecretName.ServiceDatabasePassword, options.ServiceDatabasePassword, failures, MinimumPasswordLength);
        Check(SecretName.GatewayDatabasePassword, options.GatewayDatabasePassword, failures, MinimumPasswordLength);
        Check(SecretName.ApiDatabasePassword, options.ApiDatabasePassword, failures, MinimumPasswordLength);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static string Sentence(string name, int length) =>
        $"The secret '{PlatformSecrets.Section}:{name}' is missing or shorter than {length} characters: set the environment variable "
        + $"{PlatformSecrets.Section}__{name}, or start the service through the AppHost.";

    private void Check(SecretName secret, string? value, List<string> failures, int length = MinimumLength)
    {
        if (needed.HasFlag(secret) && (value is null || value.Length < length))
        {
            failures.Add(Sentence(secret.ToString(), length));
        }
    }
}
