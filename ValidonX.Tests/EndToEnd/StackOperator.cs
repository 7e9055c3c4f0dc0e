using ValidonX.Tests.LicensingApi.Mail;
using ValidonX.Tests.Telemetry;

namespace ValidonX.Tests.EndToEnd;

/// <summary>An operator of one test's own: how often an account may be signed in to is limited, and the tests of a suite are many.</summary>
/// <param name="Email">The address.</param>
/// <param name="Password">The password.</param>
/// <param name="Id">The operator's id.</param>
/// <param name="Token">The token of the first sign-in.</param>
/// <param name="At">The operator at each gateway.</param>
internal sealed record StackOperator(string Email, string Password, string Id, string Token, IReadOnlyList<Caller> At)
{
    public const string Path = "/v1/admin/operators";

    private const string UsualPassword = "a password for one test";

    /// <summary>What others call about the operator.</summary>
    public string Own => $"{Path}/{Id}";

    /// <summary>Invites one, who accepts.</summary>
    public static async Task<StackOperator> CreateAsync(Stack stack)
    {
        var mailbox = new Mailbox(path => stack.Operator.GetAsync(path), $"operator-{Guid.NewGuid():N}@validonx.example");
        (await stack.Operator.PostAsync(Path, new { email = mailbox.Address, name = "Grace" })).ShouldBe(201);
        var accepted = (await new Caller(stack.Gateways[0], null, null).PostAsync("/auth/invitations/accept", new { token = await mailbox.TokenAsync(), password = UsualPassword })).ShouldBe(200);
        var token = SecretScan.Noted((string)accepted.Data["token"]!);
        return new(mailbox.Address, UsualPassword, (string)accepted.Data["admin"]!["id"]!, token, [.. stack.Gateways.Select(gateway => new Caller(gateway, token, null))]);
    }
}
