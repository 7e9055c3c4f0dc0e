using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OtpNet;
using ValidonX.Platform.Accounts;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.Gateway.Routing;
using ValidonX.Tests.LicensingApi.Accounts;

namespace ValidonX.Tests.LicensingApi.Passkeys;

/// <summary>Passkeys of users and operators, with an authenticator in software, through a real gateway.</summary>
[Collection(LicensingCollection.Name)]
public sealed class PasskeyTests(PasskeyServers servers) : IClassFixture<PasskeyServers>
{
    [Fact]
    public async Task A_user_makes_a_passkey_and_signs_in_with_it_alone()
    {
        using var key = new SoftAuthenticator();
        var (user, session) = await servers.UserAsync();
        var made = (await RegisterAsync(session, key, new { password = TestUser.Password })).ShouldBe(201);
        Assert.Equal("My laptop", (string?)made.Data["name"]);

        key.Counter++;
        var before = await user.EventsAsync("user.logged_in");
        var login = (await LogInAsync(key)).ShouldBe(200);

        Assert.Equal(before + 1, await user.EventsAsync("user.logged_in"));
        Assert.Equal(user.Email, (string?)login.Data["user"]!["email"]);
        var again = servers.With((string)login.Data["token"]!);
        var listed = Assert.Single((await again.GetAsync("/v1/account/passkeys")).ShouldBe(200).Data.AsArray())!;
        Assert.NotNull(listed["last_used_at"]);
        Assert.Contains("A passkey was added", await user.Mailbox.SubjectsAsync());
        var id = (string)listed["id"]!;
        Assert.Equal("Old one", (string?)(await again.SendAsync(HttpMethod.Patch, $"/v1/account/passkeys/{id}", new { name = "Old one" })).ShouldBe(200).Data["name"]);
        var export = (await again.GetAsync("/v1/account/export")).ShouldBe(200);
        Assert.Equal("Old one", (string?)export.Data["passkeys"]![0]!["name"]);

        (await again.SendAsync(HttpMethod.Delete, $"/v1/account/passkeys/{id}", new { password = "not the password" })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await again.SendAsync(HttpMethod.Delete, $"/v1/account/passkeys/{id}", new { password = TestUser.Password })).ShouldBe(200);
        key.Counter++;
        (await LogInAsync(key)).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        Assert.Equal((1L, 1L, 1L), (await user.EventsAsync("user.passkey_added"), await user.EventsAsync("user.passkey_renamed"), await user.EventsAsync("user.passkey_deleted")));
    }

    [Fact]
    public async Task Making_one_takes_the_password_and_the_second_factor_and_signing_in_takes_neither()
    {
        using var key = new SoftAuthenticator();
        var (user, session) = await servers.UserAsync();
        // Not through the gateway, which lets nobody try passwords six times in a row.
        var secret = Base32Encoding.ToBytes((string)(await user.Here.PostAsync("/v1/account/two-factor")).ShouldBe(201).Data["secret"]!);
        (await session.PostAsync("/v1/account/two-factor/confirm", new { otp = new Totp(secret).ComputeTotp(servers.Clock.Now.UtcDateTime) })).ShouldBe(200);

        (await session.PostAsync("/v1/account/passkeys/options", new { })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await session.PostAsync("/v1/account/passkeys/options", new { password = TestUser.Password })).ShouldBe(401, "AUTH.TWO_FACTOR_REQUIRED");
        (await session.PostAsync("/v1/account/passkeys/options", new { password = TestUser.Password, otp = "000000" })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await RegisterAsync(session, key, new { password = TestUser.Password, otp = new Totp(secret).ComputeTotp(servers.Clock.Now.UtcDateTime.AddSeconds(30)) })).ShouldBe(201);

        key.Counter++;
        (await LogInAsync(key)).ShouldBe(200);
        await servers.Platform.ExecuteAsync("DELETE FROM two_factors WHERE owner_id = @Id", new { user.Id });
        (await session.SendAsync(HttpMethod.Delete, "/v1/account", new { password = TestUser.Password })).ShouldBe(204);
        Assert.Equal(0, await servers.Platform.ScalarAsync<long>("SELECT COUNT(*) FROM passkeys WHERE owner_id = @Id", new { user.Id }));
    }

    [Fact]
    public async Task An_operator_signs_in_with_a_passkey_of_an_operator()
    {
        using var key = new SoftAuthenticator();
        var id = await servers.Platform.ScalarAsync<Guid>("SELECT id FROM admins WHERE email = @Email", new { Email = LicensingPlatform.OperatorEmail });
        var session = servers.With(await BothServers.TokenAsync(servers.Platform, TokenOwners.Admin, id, Abilities.Admin));
        var question = (await session.PostAsync("/auth/passkeys/options", new { password = LicensingPlatform.OperatorPassword })).ShouldBe(200);
        (await session.PostAsync("/auth/passkeys", Made(question, key))).ShouldBe(201);

        key.Counter++;
        (await LogInAsync(key)).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        var login = (await LogInAsync(key, "/auth/passkey")).ShouldBe(200);

        Assert.Equal(LicensingPlatform.OperatorEmail, (string?)login.Data["admin"]!["email"]);
        (await servers.With((string)login.Data["token"]!).GetAsync("/v1/admin/jobs")).ShouldBe(200);
    }

    [Fact]
    public async Task A_new_passkey_has_to_answer_its_own_question_as_it_was_asked()
    {
        var (_, session) = await servers.UserAsync();
        var (_, other) = await servers.UserAsync();
        foreach (var wrong in new Action<SoftAuthenticator>[] { key => key.Origin = "http://localhost:5081", key => key.RelyingParty = "evil.example", key => key.VerifiesUser = false })
        {
            using var key = new SoftAuthenticator();
            wrong(key);
            (await RegisterAsync(session, key, new { password = TestUser.Password })).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        }

        using var good = new SoftAuthenticator();
        var question = (await session.PostAsync("/v1/account/passkeys/options", new { password = TestUser.Password })).ShouldBe(200);
        var made = Made(question, good);
        (await other.PostAsync("/v1/account/passkeys", made)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var foreign = Made(question, good);
        foreign["ceremony"] = (string)(await servers.Anyone.PostAsync("/v1/auth/passkey/options")).ShouldBe(200).Data["ceremony"]!;
        (await session.PostAsync("/v1/account/passkeys", foreign)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        var broken = Made(question, good);
        broken["credential"]!["response"]!["attestationObject"] = "oA";
        (await session.PostAsync("/v1/account/passkeys", broken)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");

        (await session.PostAsync("/v1/account/passkeys", made)).ShouldBe(201);
        (await session.PostAsync("/v1/account/passkeys", made)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await RegisterAsync(other, good, new { password = TestUser.Password })).ShouldBe(409, "RESOURCE.CONFLICT");
    }

    [Fact]
    public async Task A_sign_in_has_to_answer_its_own_question_once_and_in_time()
    {
        using var key = new SoftAuthenticator();
        var (user, session) = await servers.UserAsync();
        (await RegisterAsync(session, key, new { password = TestUser.Password })).ShouldBe(201);
        foreach (var (wrong, right) in new (Action Wrong, Action Right)[]
        {
            (() => key.Origin = "https://localhost:5080", () => key.Origin = "http://localhost:5080"),
            (() => key.RelyingParty = "evil.example", () => key.RelyingParty = "localhost"),
            (() => key.VerifiesUser = false, () => key.VerifiesUser = true),
            (() => key.OtherHandle = [(byte)'u', .. Guid.NewGuid().ToByteArray()], () => key.OtherHandle = null),
        })
        {
            key.Counter++;
            wrong();
            (await LogInAsync(key)).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
            right();
        }

        key.Counter++;
        var (first, second) = (await AskAsync(), await AskAsync());
        (await SendAsync(second, key.Get(first.Data["options"]!))).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await servers.Anyone.PostAsync("/v1/auth/passkey/login", new { ceremony = "AAAA", credential = key.Get(first.Data["options"]!) })).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        var forged = key.Get(first.Data["options"]!);
        using (var stranger = new SoftAuthenticator())
        {
            forged["response"]!["signature"] = (string)stranger.Get(first.Data["options"]!)["response"]!["signature"]!;
        }

        (await SendAsync(first, forged)).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        var answer = key.Get(first.Data["options"]!);
        (await SendAsync(first, answer)).ShouldBe(200);
        key.Counter++;
        (await SendAsync(first, key.Get(first.Data["options"]!))).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        Assert.Equal(1, await user.EventsAsync("user.logged_in"));

        var late = await AskAsync();
        key.Counter++;
        servers.Clock.Now += TimeSpan.FromMinutes(6);
        (await SendAsync(late, key.Get(late.Data["options"]!))).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        servers.Clock.Now -= TimeSpan.FromMinutes(6);
        (await SendAsync(late, key.Get(late.Data["options"]!))).ShouldBe(200);
    }

    [Fact]
    public async Task A_counter_that_goes_back_is_a_copy_which_is_refused_and_recorded()
    {
        using var key = new SoftAuthenticator { Counter = 41 };
        var (user, session) = await servers.UserAsync();
        (await RegisterAsync(session, key, new { password = TestUser.Password })).ShouldBe(201);
        key.Counter = 42;
        (await LogInAsync(key)).ShouldBe(200);

        key.Counter = 42;
        (await LogInAsync(key)).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        key.Counter = 7;
        (await LogInAsync(key)).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");

        Assert.Equal(2, await user.EventsAsync("user.passkey_copied"));
        key.Counter = 43;
        (await LogInAsync(key)).ShouldBe(200);
    }

    [Fact]
    public async Task Sign_ins_by_passkeys_are_throttled_by_the_network()
    {
        await using var narrow = new PasskeyServers(servers.Platform) { PerNetwork = 3 };
        await narrow.InitializeAsync();
        using var key = new SoftAuthenticator();
        var question = (await narrow.Anyone.PostAsync("/v1/auth/passkey/options")).ShouldBe(200);
        var answers = new List<Answer>();
        for (var i = 0; i < 5; i++)
        {
            answers.Add(await narrow.Anyone.PostAsync("/v1/auth/passkey/login", new { ceremony = (string)question.Data["ceremony"]!, credential = key.Get(question.Data["options"]!) }));
        }

        Assert.Contains(answers, answer => answer.Status == 429 && answer.Code == "AUTH.ACCOUNT_LOCKED");
    }

    private static JsonObject Made(Answer question, SoftAuthenticator key) =>
        new() { ["name"] = "My laptop", ["ceremony"] = (string)question.Data["ceremony"]!, ["credential"] = key.Create(question.Data["options"]!) };

    private static async Task<Answer> RegisterAsync(Caller session, SoftAuthenticator key, object proof) =>
        await session.PostAsync("/v1/account/passkeys", Made((await session.PostAsync("/v1/account/passkeys/options", proof)).ShouldBe(200), key));

    private async Task<Answer> AskAsync(string at = "/v1/auth/passkey") => (await servers.Anyone.PostAsync($"{at}/options")).ShouldBe(200);

    private Task<Answer> SendAsync(Answer question, JsonObject credential, string at = "/v1/auth/passkey") =>
        servers.Anyone.PostAsync($"{at}/login", new { ceremony = (string)question.Data["ceremony"]!, credential });

    private async Task<Answer> LogInAsync(SoftAuthenticator key, string at = "/v1/auth/passkey")
    {
        var question = await AskAsync(at);
        return await SendAsync(question, key.Get(question.Data["options"]!), at);
    }
}

/// <summary>A gateway and a licensing API, on a clock that tests can move.</summary>
public sealed class PasskeyServers(LicensingPlatform platform) : IAsyncLifetime
{
    internal LicensingPlatform Platform { get; } = platform;

    internal MovableClock Clock { get; } = new(DateTimeOffset.UtcNow);

    internal int PerNetwork { get; init; } = 10_000;

    internal BothServers Both { get; private set; } = null!;

    internal Caller Anyone => new(Both.Gateway.Client, null, null);

    public async ValueTask InitializeAsync() =>
        Both = await BothServers.StartAsync(Platform, builder =>
        {
            builder.Configuration["Gateway:SignIn:PerNetwork"] = $"{PerNetwork}";
            builder.Services.AddSingleton<TimeProvider>(Clock);
        });

    public ValueTask DisposeAsync() => Both.DisposeAsync();

    /// <summary>Somebody with this bearer token.</summary>
    internal Caller With(string token) => new(Both.Gateway.Client, token, null);

    /// <summary>A user with a password, signed in.</summary>
    internal async Task<(TestUser User, Caller Session)> UserAsync()
    {
        var user = await TestUser.CreateAsync(Platform);
        return (user, With(user.Token.Reveal()));
    }
}
