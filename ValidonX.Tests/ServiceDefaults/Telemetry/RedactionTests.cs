using ValidonX.ServiceDefaults.Telemetry;

namespace ValidonX.Tests.ServiceDefaults.Telemetry;

public sealed class RedactionTests
{
    [Theory]
    [InlineData("key vx_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef used", "0123456789abcdef")]
    [InlineData("key VX_0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF used", "0123456789ABCDEF")]
    [InlineData("Authorization: Bearer abc.def-ghi", "abc.def")]
    [InlineData("0198c8a0-7b3e-7000-8000-000000000001|s3cretS3cret", "s3cret")]
    [InlineData("0198c8a0-7b3e-7000-8000-000000000001%7Cs3cretS3cret", "s3cret")]
    [InlineData("Server=db;User ID=vx;Password=hunter2;Database=x", "hunter2")]
    [InlineData("Server=db;PWD = hunter2", "hunter2")]
    [InlineData("""{"password": "hunter2"}""", "hunter2")]
    [InlineData("the owner Jo.Doe+x@Example.co.uk signed in", "Doe")]
    [InlineData("GET /v1/x?email=jo%40example.com", "jo%40")]
    [InlineData("POST http://api:8080/v1/integration/licenses/my/own%2Fkey/validate failed", "own")]
    [InlineData("/api/v1/integration/licenses/MYKEY123", "MYKEY123")]
    [InlineData("license ACME-7K2M-9QWX-3R4T-V5Z6 is gone", "9QWX")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "MfKQ")]
    public void A_secret_is_taken_out_of_a_text(string text, string secret) =>
        Assert.DoesNotContain(secret, Redaction.Text(text), StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("Request 0198c8a0-7b3e-7000-8000-000000000001 failed.")]
    [InlineData("The lease of job 12345678-1234-4234-8234-123456789012 could not be renewed; trying again while it lasts.")]
    [InlineData("The quota of policy 'key' is used up.")]
    [InlineData("licensing-api-1 refused a connection in cluster default-pool")]
    [InlineData("/v1/integration/activations/{id}/validate")]
    public void An_ordinary_text_stays_as_it_is(string text) => Assert.Same(text, Redaction.Text(text));

    [Theory]
    [InlineData("Duplicate entry 'my-own-key' for key 'license_keys.key'", "Duplicate entry '?' for key '?'")]
    [InlineData("Duplicate entry 'it''s' for key", "Duplicate entry '?' for key")]
    public void A_database_error_loses_the_values_that_it_quotes(string text, string expected) => Assert.Equal(expected, Redaction.ExceptionText(text));

    [Theory]
    [InlineData("CREATE USER 'vx_service'@'%' IDENTIFIED BY 'it\\'s ''secret'", "CREATE USER ?@? IDENTIFIED BY ?")]
    [InlineData("SELECT id FROM t1 WHERE x = @p0 AND y = 0x1F LIMIT 25", "SELECT id FROM t1 WHERE x = @p0 AND y = ? LIMIT ?")]
    [InlineData("SET ROLE `vx_r_ab12`; USE `vx_tenant_a_12ab`", "SET ROLE `vx_r_ab12`; USE `vx_tenant_a_12ab`")]
    [InlineData("SELECT 'never ends", "SELECT ?")]
    public void Statements_lose_their_literals(string sql, string expected) => Assert.Equal(expected, Redaction.Sql(sql));
}
