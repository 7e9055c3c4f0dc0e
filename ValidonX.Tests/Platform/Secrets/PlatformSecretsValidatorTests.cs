using ValidonX.Platform.Secrets;

namespace ValidonX.Tests.Platform.Secrets;

public sealed class PlatformSecretsValidatorTests
{
    private const SecretName All = SecretName.ApiKeyPepper | SecretName.ContextSigningKey | SecretName.DataEncryptionKey
        | SecretName.ServiceDatabasePassword | SecretName.GatewayDatabasePassword | SecretName.ApiDatabasePassword;

    [Fact]
    public void All_missing_secrets_are_named_at_once_with_what_to_set()
    {
        var result = new PlatformSecretsValidator(All).Validate(null, new PlatformSecrets { ApiKeyPepper = "short" });

        Assert.True(result.Failed);
        foreach (var name in new[] { "ServiceDatabasePassword", "GatewayDatabasePassword", "ApiDatabasePassword", "ApiKeyPepper", "ContextSigningKey", "DataEncryptionKey" })
            Assert.Single(result.Failures, failure => failure.Contains($"Secrets__{name}", StringComparison.Ordinal));
    }

    [Fact]
    public void A_service_is_asked_only_for_the_secrets_it_needs()
    {
        var secrets = new PlatformSecrets { ServiceDatabasePassword = new string('x', 16), ApiKeyPepper = new string('x', 32) };

        Assert.True(new PlatformSecretsValidator(SecretName.ApiKeyPepper).Validate(null, secrets).Succeeded);
        Assert.True(new PlatformSecretsValidator(SecretName.ApiKeyPepper | SecretName.DataEncryptionKey).Validate(null, secrets).Failed);
    }

    [Fact]
    public void A_refusal_never_repeats_a_secret()
    {
        var result = new PlatformSecretsValidator(All).Validate(null, new PlatformSecrets { ApiKeyPepper = "hunter2", ServiceDatabasePassword = "hunter2" });

        Assert.DoesNotContain("hunter2", result.FailureMessage, StringComparison.Ordinal);
    }
}
