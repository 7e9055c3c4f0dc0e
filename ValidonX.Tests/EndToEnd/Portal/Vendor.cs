using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.EndToEnd.Portal;

/// <summary>Somebody with an account, a password and a company of their own.</summary>
internal sealed record Vendor(string Email, string Password, string TenantId, string Slug, Caller Owner)
{
    /// <summary>Registers one, and waits until their company is in service.</summary>
    public static async Task<Vendor> CreateAsync()
    {
        const string Password = "a password for one test";
        var stack = await Stack.GetAsync();
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), $"vendor-{Guid.NewGuid():N}@tenant.example");
        var anyone = new Caller(stack.Gateways[0], null, null);
        (await anyone.PostAsync("/v1/auth/register", new { name = "Ada", email = mailbox.Address, password = Password })).ShouldBe(202);
        var verified = (await anyone.PostAsync("/v1/auth/email/verify", new { token = await mailbox.TokenAsync() })).ShouldBe(200);
        var user = new Caller(stack.Gateways[0], (string)verified.Data["token"]!, null);
        var tenant = (await user.PostAsync("/v1/onboarding/provision", new { name = $"Acme {Guid.NewGuid():N}"[..20], plan = "pro" })).ShouldBe(202).Data["tenant"]!;
        var id = (string)tenant["id"]!;
        await Until.TrueAsync(async () => (string?)(await user.GetAsync($"/v1/onboarding/provision/{id}")).Data["tenant"]!["status"] == "active", "the tenant is active");
        return new(mailbox.Address, Password, id, (string)tenant["slug"]!, user);
    }
}
