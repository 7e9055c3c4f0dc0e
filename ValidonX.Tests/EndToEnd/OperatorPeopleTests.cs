using ValidonX.Tests.LicensingApi.Mail;
using ValidonX.Tests.LicensingApi.Passkeys;
using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>A new colleague and one who leaves, through the gateways.</summary>
public sealed class OperatorPeopleTests
{
    [Fact]
    public async Task A_colleague_is_invited_works_under_a_name_and_is_shut_out_on_every_gateway_when_the_call_returns()
    {
        var stack = await Stack.GetAsync();
        var one = await stack.NewOperatorAsync();
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), $"operator-{Guid.NewGuid():N}@validonx.example");
        (await one.At[0].PostAsync(StackOperator.Path, new { email = mailbox.Address, name = "Ada Lovelace" })).ShouldBe(201);
        var anyone = new Caller(stack.Gateways[1], null, null);
        var accepted = (await anyone.PostAsync("/auth/invitations/accept", new { token = await mailbox.TokenAsync(), password = one.Password })).ShouldBe(200);
        var token = SecretScan.Noted((string)accepted.Data["token"]!);
        var id = (string)accepted.Data["admin"]!["id"]!;
        var colleague = stack.Gateways.Select(gateway => new Caller(gateway, token, null)).ToList();

        // What is done is done under the person's name.
        var created = (await colleague[0].PostAsync("/v1/admin/tenants", new { name = "Named", slug = $"named-{Guid.NewGuid():N}"[..20], owner = new { email = "owner@tenant.example" } })).ShouldBe(202);
        var entry = (await one.At[1].GetAsync($"/v1/admin/audit-logs?action=tenant.created&actor={id}")).ShouldBe(200).Data[0]!;
        Assert.Equal(("Ada Lovelace", (string)created.Data["tenant"]!["id"]!), ((string?)entry["actor"]!["name"], (string?)entry["tenant_id"]));

        // A passkey of theirs, and a session at each gateway.
        using var key = new SoftAuthenticator();
        var question = (await colleague[0].PostAsync("/auth/passkeys/options", new { password = one.Password })).ShouldBe(200);
        (await colleague[0].PostAsync("/auth/passkeys", new { name = "Laptop", ceremony = (string)question.Data["ceremony"]!, credential = key.Create(question.Data["options"]!) })).ShouldBe(201);
        key.Counter++;
        var session = SecretScan.Noted((string)(await ByPasskeyAsync()).ShouldBe(200).Data["token"]!);
        IReadOnlyList<Caller> sessions = [.. colleague, .. stack.Gateways.Select(gateway => new Caller(gateway, session, null))];
        foreach (var caller in sessions)
        {
            (await caller.GetAsync("/v1/admin/tenants")).ShouldBe(200);
        }

        (await one.At[1].PostAsync($"{StackOperator.Path}/{id}/disable")).ShouldBe(200);

        foreach (var caller in sessions)
        {
            (await caller.GetAsync("/v1/admin/tenants")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
            (await caller.GetAsync("/auth/me")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        }

        (await anyone.PostAsync("/auth/login", new { email = mailbox.Address, password = one.Password })).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        key.Counter++;
        (await ByPasskeyAsync()).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        // Their name stays where it was.
        entry = (await one.At[0].GetAsync($"/v1/admin/audit-logs?action=tenant.created&actor={id}")).ShouldBe(200).Data[0]!;
        Assert.Equal("Ada Lovelace", (string?)entry["actor"]!["name"]);

        (await one.At[0].PostAsync($"{StackOperator.Path}/{id}/enable")).ShouldBe(200);
        key.Counter++;
        (await ByPasskeyAsync()).ShouldBe(200);
        (await colleague[0].GetAsync("/auth/me")).ShouldBe(401, "AUTH.UNAUTHENTICATED");

        async Task<Answer> ByPasskeyAsync()
        {
            var asked = (await anyone.PostAsync("/auth/passkey/options")).ShouldBe(200).Data;
            return await anyone.PostAsync("/auth/passkey/login", new { ceremony = (string)asked["ceremony"]!, credential = key.Get(asked["options"]!) });
        }
    }

    [Fact]
    public async Task An_operators_password_is_changed_and_set_anew_and_neither_it_nor_mails_are_asked_for_without_end()
    {
        var stack = await Stack.GetAsync();
        var one = await stack.NewOperatorAsync();
        var anyone = new Caller(stack.Gateways[1], null, null);
        var other = SecretScan.Noted((string)(await anyone.PostAsync("/auth/login", new { email = one.Email, password = one.Password })).ShouldBe(200).Data["token"]!);
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), one.Email);

        (await one.At[0].PutAsync("/auth/password", new { current_password = one.Password, password = "a second password" })).ShouldBe(204);
        foreach (var gateway in stack.Gateways)
        {
            (await new Caller(gateway, other, null).GetAsync("/auth/me")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
            (await new Caller(gateway, one.Token, null).GetAsync("/auth/me")).ShouldBe(200);
        }

        (await anyone.PostAsync("/auth/forgot-password", new { email = one.Email })).ShouldBe(202);
        (await anyone.PostAsync("/auth/reset-password", new { token = await mailbox.TokenAsync(), password = "a third password" })).ShouldBe(200);
        foreach (var caller in one.At)
        {
            (await caller.GetAsync("/auth/me")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        }

        var again = SecretScan.Noted((string)(await anyone.PostAsync("/auth/login", new { email = one.Email, password = "a third password" })).ShouldBe(200).Data["token"]!);
        await Until.TrueAsync(
            async () => (await new Caller(stack.Gateways[0], again, null).PutAsync("/auth/password", new { current_password = "not the password", password = "a fourth password" })).Status == 429,
            "guessing is refused");
        await Until.TrueAsync(async () => (await anyone.PostAsync("/auth/forgot-password", new { email = one.Email })).Status == 429, "mails without end are refused");
        // Another kind of mail to the same address has tries of its own.
        (await anyone.PostAsync("/v1/auth/forgot-password", new { email = one.Email })).ShouldBe(202);
    }
}
