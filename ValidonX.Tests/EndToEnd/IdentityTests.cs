using ValidonX.Tests.LicensingApi.Mail;
using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §9, users: from registering to being gone, through the gateways.</summary>
public sealed class IdentityTests
{
    private const string Password = "a password for one test";

    [Fact]
    public async Task A_user_registers_is_verified_logs_in_forgets_the_password_gets_back_in_and_goes()
    {
        var stack = await Stack.GetAsync();
        var mailbox = NewMailbox(stack);
        var (first, second) = (new Caller(stack.Gateways[0], null, null), new Caller(stack.Gateways[1], null, null));

        (await first.PostAsync("/v1/auth/register", new { name = "Ada", email = mailbox.Address, password = Password, company = "Acme" })).ShouldBe(202);
        (await second.PostAsync("/v1/auth/login", new { email = mailbox.Address, password = Password })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var token = await mailbox.TokenAsync();
        var verified = (await second.PostAsync("/v1/auth/email/verify", new { token })).ShouldBe(200);
        (await first.PostAsync("/v1/auth/email/verify", new { token })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var login = (await first.PostAsync("/api/v1/auth/login", new { email = mailbox.Address, password = Password })).ShouldBe(200);
        Assert.Empty(login.Data["tenants"]!.AsArray());
        IReadOnlyList<Caller> sessions = [.. new[] { verified, login }.Select(answer => new Caller(stack.Gateways[1], SecretScan.Noted((string)answer.Data["token"]!), null))];
        foreach (var session in sessions)
        {
            Assert.Equal(mailbox.Address, (string?)(await session.GetAsync("/v1/account/profile")).ShouldBe(200).Data["user"]!["email"]);
        }

        (await sessions[0].PostAsync("/v1/auth/logout")).ShouldBe(204);
        (await sessions[0].GetAsync("/v1/account/profile")).ShouldBe(401, "AUTH.UNAUTHENTICATED");

        (await first.PostAsync("/v1/auth/forgot-password", new { email = mailbox.Address })).ShouldBe(202);
        (await second.PostAsync("/v1/auth/reset-password", new { token = await mailbox.TokenAsync(), password = "a new and good one" })).ShouldBe(200);
        (await sessions[1].GetAsync("/v1/account/profile")).ShouldBe(401, "AUTH.UNAUTHENTICATED");

        var again = (await second.PostAsync("/v1/auth/login", new { email = mailbox.Address, password = "a new and good one" })).ShouldBe(200);
        var user = new Caller(stack.Gateways[0], SecretScan.Noted((string)again.Data["token"]!), null);
        (await user.GetAsync("/v1/tenant/products")).ShouldBe(404, "TENANT.NOT_FOUND");
        (await user.GetAsync("/v1/admin/outbox")).ShouldBe(403, "AUTH.TOKEN.INVALID_SCOPE");
        (await user.GetAsync("/v1/account/tenants")).ShouldBe(200);
        (await user.GetAsync("/v1/account/export")).ShouldBe(200);
        (await user.SendAsync(HttpMethod.Delete, "/v1/account", new { password = "a new and good one" })).ShouldBe(204);
        foreach (var gateway in stack.Gateways)
        {
            (await new Caller(gateway, (string)again.Data["token"]!, null).GetAsync("/v1/account/profile")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        }
    }

    [Fact]
    public async Task A_tenants_owner_logs_in_by_a_mailed_password_and_with_a_second_factor()
    {
        var stack = await Stack.GetAsync();
        var tenant = await stack.CreateTenantAsync();
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), (string)(await tenant.Owner.GetAsync("/v1/account/profile")).ShouldBe(200).Data["user"]!["email"]!);
        var anyone = new Caller(stack.Gateways[0], null, null);
        (await anyone.PostAsync("/v1/auth/forgot-password", new { email = mailbox.Address })).ShouldBe(202);
        (await anyone.PostAsync("/v1/auth/reset-password", new { token = await mailbox.TokenAsync(), password = Password })).ShouldBe(200);
        var login = (await anyone.PostAsync("/v1/auth/login", new { email = mailbox.Address, password = Password })).ShouldBe(200);
        Assert.Equal((tenant.Id.ToString(), "owner"), ((string?)login.Data["tenants"]![0]!["id"], (string?)login.Data["tenants"]![0]!["role"]));
        var owner = new Caller(stack.Gateways[1], SecretScan.Noted((string)login.Data["token"]!), null);
        (await owner.GetAsync("/v1/tenant/licenses")).ShouldBe(200);

        var secret = OtpNet.Base32Encoding.ToBytes((string)(await owner.PostAsync("/v1/account/two-factor")).ShouldBe(201).Data["secret"]!);
        (await owner.PostAsync("/v1/account/two-factor/confirm", new { otp = new OtpNet.Totp(secret).ComputeTotp() })).ShouldBe(200);
        (await anyone.PostAsync("/v1/auth/login", new { email = mailbox.Address, password = Password })).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");
        (await anyone.PostAsync("/v1/auth/login", new { email = mailbox.Address, password = Password, otp = new OtpNet.Totp(secret).ComputeTotp(DateTime.UtcNow.AddSeconds(30)) })).ShouldBe(200);
        (await owner.SendAsync(HttpMethod.Delete, "/v1/account", new { password = Password })).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");
    }

    [Fact]
    public async Task Asking_for_mails_is_limited_by_the_address_over_all_gateways()
    {
        var stack = await Stack.GetAsync();
        var email = $"{Guid.NewGuid():N}@tenant.example";
        await Until.TrueAsync(() => DateTimeOffset.UtcNow.Second is > 0 and < 45, "a minute is young");

        var answers = new List<Answer>();
        for (var i = 0; i < 7; i++)
        {
            answers.Add(await new Caller(stack.Gateways[i % 2], null, null).PostAsync("/v1/auth/forgot-password", new { email }));
        }

        Assert.All(answers.Take(5), answer => answer.ShouldBe(202));
        Assert.All(answers.Skip(5), answer => answer.ShouldBe(429, "AUTH.ACCOUNT_LOCKED"));
    }

    private static Mailbox NewMailbox(Stack stack) => new(path => stack.Operator.GetAsync(path), $"user-{Guid.NewGuid():N}@tenant.example");
}
