using Dapper;
using ValidonX.Tests.EndToEnd;
using ValidonX.Tests.LicensingApi.Accounts;
using ValidonX.Tests.LicensingApi.Mail;
using ValidonX.Tests.Platform.Databases;
using ValidonX.Tests.Servers;

namespace ValidonX.Tests.LicensingApi.Onboarding;

/// <summary>
/// <c>kill -9</c> of a licensing API in the midst of a vendor's sign-up: nothing that was answered is lost, nothing that was not answered is half done, and a repetition elsewhere ends the
/// same, once. What becomes of a worker that is killed is tested with the provisioner, at every instant of every stage.
/// </summary>
[Collection(LicensingCollection.Name)]
public sealed class SignUpCrashTests(LicensingPlatform platform)
{
    private const string SignUps = "/v1/onboarding/provision";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Killed_before_the_commit_it_has_done_nothing_and_the_same_calls_do_it_once()
    {
        await using var line = new TcpLine(platform.Redis.Port);
        await using var api = await ApiProcess.StartAsync(platform, line);
        var user = await TestUser.CreateAsync(platform);
        var registered = new Mailbox(platform.Operator(), TestUser.NewAddress());
        var registering = new Mailbox(platform.Operator(), TestUser.NewAddress());
        (await RegisterAsync(platform.Anonymous(), registered)).ShouldBe(202);
        var token = await registered.TokenAsync();
        var tenant = await platform.CreateTenantAsync();
        var invited = new Mailbox(platform.Operator(), TestUser.NewAddress());
        (await tenant.Owner.PostAsync("/v1/tenant/members", new { email = invited.Address, role = "viewer" })).ShouldBe(201);
        var invitation = await invited.TokenAsync();
        var name = $"Acme {Guid.NewGuid():N}"[..20];
        var anyone = AnyoneAt(api);

        // Every one of them comes as far as its last statement and waits there.
        await using var held = await platform.Databases.Platform.OpenAsync(Cancellation);
        await held.ExecuteAsync("LOCK TABLES audit_logs READ, outbox_mails READ");
        IReadOnlyList<long> waiting = [];
        try
        {
            Task[] calls =
            [
                UntilKilledAsync(() => RegisterAsync(anyone, registering)),
                UntilKilledAsync(() => VerifyAsync(anyone, token)),
                UntilKilledAsync(() => AcceptAsync(anyone, invitation)),
                UntilKilledAsync(() => user.At(api.Client).PostAsync(SignUps, new { name }, "crash-1")),
            ];
            await Until.TrueAsync(
                async () => (waiting = [.. (await SessionList.AllAsync(held)).Where(IsLastStatement).Select(session => session.Id)]).Count == calls.Length,
                "all calls wait for their last statement");
            await api.KillAsync();
            await Task.WhenAll(calls);
        }
        finally
        {
            await held.ExecuteAsync("UNLOCK TABLES");
        }

        // The server takes the transactions back when it notices that nobody is there.
        await Until.TrueAsync(
            async () => !(await SessionList.AllAsync(held)).Any(session => waiting.Contains(session.Id))
                && await SessionList.AskAsync(held, "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_mysql_thread_id IN @waiting", new { waiting }) is [0],
            "nothing of theirs is under way");
        foreach (var (table, condition) in new[]
        {
            ("users", "email IN (@registered, @invited)"), ("registrations", "email = @registering"), ("outbox_mails", "recipient = @registering"), ("tenants", "name = @name"),
            ("tenant_users", "user_id = @Id"), ("audit_logs", "actor_id = @Id AND action = 'tenant.created'"),
        })
        {
            Assert.True(
                await platform.ScalarAsync<long>(
                    $"SELECT COUNT(*) FROM {table} WHERE {condition}",
                    new { registered = registered.Address, invited = invited.Address, registering = registering.Address, name, user.Id }) == 0,
                table);
        }

        await platform.ExecuteAsync("UPDATE idempotency_keys SET lease_until = UTC_TIMESTAMP(6) WHERE tenant_id = @Id AND status = 'running'", new { user.Id });
        (await RegisterAsync(platform.Anonymous(), registering)).ShouldBe(202);
        Assert.Single(await registering.MailsAsync());
        (await VerifyAsync(platform.Anonymous(), await registering.TokenAsync())).ShouldBe(200);
        (await VerifyAsync(platform.Anonymous(), token)).ShouldBe(200);
        (await AcceptAsync(platform.Anonymous(), invitation)).ShouldBe(200);
        (await user.Here.PostAsync(SignUps, new { name }, "crash-1")).ShouldBe(202);
        await AssertSignedUpOnceAsync(user, name);
    }

    [Fact]
    public async Task Killed_between_commit_and_answer_it_has_done_it_and_the_same_calls_are_answered_and_announced()
    {
        await using var line = new TcpLine(platform.Redis.Port);
        await using var api = await ApiProcess.StartAsync(platform, line);
        var (user, invited) = (await TestUser.CreateAsync(platform), await TestUser.CreateAsync(platform));
        var tenant = await platform.CreateTenantAsync();
        var invitation = (string)(await tenant.Owner.PostAsync("/v1/tenant/members", new { email = invited.Email, role = "viewer" })).ShouldBe(201).Data["member"]!["id"]!;
        var name = $"Acme {Guid.NewGuid():N}"[..20];
        line.Hold();

        Task<Answer>[] calls =
        [
            user.At(api.Client).PostAsync(SignUps, new { name }, "crash-2"),
            invited.At(api.Client).PostAsync($"/v1/account/invitations/{invitation}/accept"),
        ];
        await Until.TrueAsync(async () => await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenants WHERE name = @name", new { name }) == 1);
        await Until.TrueAsync(async () => await platform.ScalarAsync<long>("SELECT COUNT(*) FROM tenant_users WHERE user_id = @Id", new { invited.Id }) == 1);
        await api.KillAsync();
        foreach (var call in calls)
        {
            // On a machine too busy the process may have given up announcing before it was killed; the client knows as little either way.
            await Record.ExceptionAsync(() => call);
        }

        var replay = (await user.Here.PostAsync(SignUps, new { name }, "crash-2")).ShouldBe(202);
        Assert.Equal("true", replay.Header("Idempotency-Replayed"));
        Assert.Equal(name, (string?)replay.Data["tenant"]!["name"]);
        (await invited.Here.PostAsync($"/v1/account/invitations/{invitation}/accept")).ShouldBe(200);
        await AssertSignedUpOnceAsync(user, name);
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE tenant_id = @Id AND action = 'member.joined'", new { tenant.Id }));
    }

    /// <summary>Calls again when the process gives up waiting before it is killed, as it does on a machine that is busy.</summary>
    private static bool IsLastStatement(Session session) =>
        session.State.Contains("metadata lock", StringComparison.OrdinalIgnoreCase)
        && (session.Statement.Contains("user.registered", StringComparison.Ordinal) || session.Statement.Contains("tenant.created", StringComparison.Ordinal)
            || session.Statement.Contains("INTO outbox_mails", StringComparison.Ordinal));

    private static Task UntilKilledAsync(Func<Task<Answer>> call) => Until.TrueAsync(
        async () =>
        {
            try
            {
                var answer = await call();
                Assert.True(answer.Status >= 400, answer.ToString());
                return false;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        },
        "the process is killed");

    private async Task AssertSignedUpOnceAsync(TestUser user, string name)
    {
        var tenant = await platform.ScalarAsync<Guid>("SELECT id FROM tenants WHERE name = @name", new { name });
        foreach (var (table, condition) in new[]
        {
            ("tenants", "name = @name"), ("tenant_users", "tenant_id = @tenant AND user_id = @Id AND role = 'owner'"), ("provisioning_runs", "tenant_id = @tenant"),
            ("jobs", "tenant_id = @tenant AND kind = 'provision'"), ("audit_logs", "tenant_id = @tenant AND action = 'tenant.created'"),
        })
        {
            Assert.True(await platform.ScalarAsync<long>($"SELECT COUNT(*) FROM {table} WHERE {condition}", new { tenant, name, user.Id }) == 1, table);
        }
    }

    private ApiCaller AnyoneAt(ApiProcess api)
    {
        var context = new ValidonX.Platform.Callers.CallerContext { Kind = ValidonX.Platform.Callers.CallerKind.Anonymous, ExpiresAt = LicensingPlatform.InAMinute };
        return new ApiCaller(api.Client, (method, path) => platform.Sign(context, method, path));
    }

    private static Task<Answer> RegisterAsync(ApiCaller caller, Mailbox mailbox) =>
        caller.PostAsync("/v1/auth/register", new { name = "Ada", email = mailbox.Address, password = TestUser.Password });

    private static Task<Answer> VerifyAsync(ApiCaller caller, string token) => caller.PostAsync("/v1/auth/email/verify", new { token });

    private static Task<Answer> AcceptAsync(ApiCaller caller, string token) =>
        caller.PostAsync("/v1/auth/invitations/accept", new { token, name = "Grace", password = TestUser.Password });
}
