using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;

namespace ValidonX.Tests.LicensingApi.Sessions;

/// <summary>CONTRACT §6, operators' login.</summary>
[Collection(LicensingCollection.Name)]
public sealed class OperatorSessionTests(LicensingPlatform platform)
{
    [Fact]
    public async Task The_configured_operator_logs_in_and_is_told_who_it_is()
    {
        var login = (await platform.Anonymous().PostAsync("/auth/login", new { email = LicensingPlatform.OperatorEmail.ToUpperInvariant(), password = LicensingPlatform.OperatorPassword })).ShouldBe(200);

        var admin = login.Data["admin"]!;
        Assert.Equal(["created_at", "email", "id", "name", "updated_at"], admin.AsObject().Select(member => member.Key).Order(StringComparer.Ordinal));
        Assert.True(AccessToken.TryParse((string?)login.Data["token"], out var token));
        Assert.Equal(
            (TokenOwners.Admin, Abilities.Admin, 12),
            (await platform.ScalarAsync<string>("SELECT owner_type FROM personal_access_tokens WHERE id = @Id", new { token.Id }),
             await platform.ScalarAsync<string>("SELECT ability FROM personal_access_tokens WHERE id = @Id", new { token.Id }),
             await platform.ScalarAsync<int>("SELECT TIMESTAMPDIFF(HOUR, created_at, expires_at) FROM personal_access_tokens WHERE id = @Id", new { token.Id })));

        var me = (await platform.Operator(id: Guid.Parse((string)admin["id"]!)).GetAsync("/auth/me")).ShouldBe(200);
        Assert.Equal(admin.ToJsonString(), me.Data["admin"]!.ToJsonString());
        (await platform.Operator().GetAsync("/auth/me")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
    }

    [Fact]
    public async Task Logout_ends_the_token()
    {
        var login = (await platform.Anonymous().PostAsync("/auth/login", new { email = LicensingPlatform.OperatorEmail, password = LicensingPlatform.OperatorPassword })).ShouldBe(200);
        Assert.True(AccessToken.TryParse((string?)login.Data["token"], out var token));
        var session = new ApiCaller(platform.Replicas[0], platform, new CallerContext
        {
            Kind = CallerKind.Operator,
            CallerId = Guid.Parse((string)login.Data["admin"]!["id"]!),
            TokenId = token.Id,
            ExpiresAt = LicensingPlatform.InAMinute,
        });

        (await session.PostAsync("/auth/logout")).ShouldBe(204);

        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE id = @Id AND revoked_at IS NOT NULL", new { token.Id }));
    }

    [Theory]
    [InlineData(LicensingPlatform.OperatorEmail, "wrong password")]
    [InlineData(LicensingPlatform.OperatorEmail, " " + LicensingPlatform.OperatorPassword)]
    [InlineData("nobody@validonx.example", LicensingPlatform.OperatorPassword)]
    public async Task Wrong_credentials_are_refused_alike(string email, string password) =>
        (await platform.Anonymous().PostAsync("/auth/login", new { email, password })).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");

    [Fact]
    public async Task Bad_fields_are_told_all_at_once()
    {
        var answer = (await platform.Anonymous().PostAsync("/auth/login", new { email = "nobody", password = 3 })).ShouldBe(422, "VALIDATION.FAILED");

        Assert.Equal(["email", "password"], answer.Details.AsObject().Select(field => field.Key));
    }
}
