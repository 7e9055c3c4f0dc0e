using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi.Mail;

namespace ValidonX.Tests.LicensingApi.Operators;

/// <summary>An operator who was invited and has accepted.</summary>
internal sealed record TestOperator(LicensingPlatform Platform, string Email, Guid Id, AccessToken Token)
{
    public const string Path = "/v1/admin/operators";
    public const string Password = "a password for one test";

    /// <summary>The operator, with the token of the last sign-in, at the first replica.</summary>
    public ApiCaller Here => At(0);

    public Mailbox Mailbox => new(Platform.Operator(), Email);

    /// <summary>What others call about the operator.</summary>
    public string Own => $"{Path}/{Id}";

    public static string NewAddress() => $"operator-{Guid.NewGuid():N}@validonx.example";

    /// <summary>The configured operator, whom the platform begins with.</summary>
    public static async Task<ApiCaller> ConfiguredAsync(LicensingPlatform platform) =>
        platform.Operator(id: await platform.ScalarAsync<Guid>("SELECT id FROM admins WHERE email = @Email", new { Email = LicensingPlatform.OperatorEmail }));

    /// <summary>Invites one and accepts.</summary>
    public static async Task<TestOperator> CreateAsync(LicensingPlatform platform)
    {
        var (mailbox, id) = await InviteAsync(platform);
        var accepted = (await AcceptAsync(platform, await mailbox.TokenAsync())).ShouldBe(200);
        return new TestOperator(platform, mailbox.Address, id, TokenOf(accepted));
    }

    /// <summary>Invites somebody new.</summary>
    public static async Task<(Mailbox Mailbox, Guid Id)> InviteAsync(LicensingPlatform platform)
    {
        var email = NewAddress();
        var invited = (await (await ConfiguredAsync(platform)).PostAsync(Path, new { email, name = "Grace" })).ShouldBe(201);
        return (new Mailbox(platform.Operator(), email), Guid.Parse((string)invited.Data["operator"]!["id"]!));
    }

    public static Task<Answer> AcceptAsync(LicensingPlatform platform, string token, string password = Password, int replica = 0) =>
        platform.Anonymous(replica).PostAsync("/auth/invitations/accept", new { token, password });

    public static AccessToken TokenOf(Answer login)
    {
        Assert.True(AccessToken.TryParse((string?)login.Data["token"], out var token));
        return token;
    }

    public ApiCaller At(int replica) =>
        new(Platform.Replicas[replica], Platform, new CallerContext { Kind = CallerKind.Operator, CallerId = Id, TokenId = Token.Id, ExpiresAt = LicensingPlatform.InAMinute });

    public Task<Answer> LogInAsync(string password = Password, string? otp = null, int replica = 0) =>
        Platform.Anonymous(replica).PostAsync("/auth/login", new { email = Email, password, otp });

    /// <summary>How many valid tokens the operator has.</summary>
    public Task<long> ValidTokensAsync() =>
        Platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE owner_id = @Id AND revoked_at IS NULL", new { Id });

    /// <summary>How often this was recorded that was done to the operator, or by.</summary>
    public Task<long> EventsAsync(string action) =>
        Platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = @action AND (subject_id = @id OR actor_id = @id)", new { action, id = Id.ToString() });
}
