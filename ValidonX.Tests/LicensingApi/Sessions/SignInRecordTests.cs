using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using ValidonX.LicensingApi.Sessions;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Tests.LicensingApi.Operators;

namespace ValidonX.Tests.LicensingApi.Sessions;

/// <summary>Sign-ins are accounted for, and end with the password that they were made with.</summary>
[Collection(LicensingCollection.Name)]
public sealed class SignInRecordTests(LicensingPlatform platform)
{
    private const string Password = "a password for one test";

    [Fact]
    public async Task Sign_ins_failed_ones_and_logouts_are_in_the_audit_log_without_the_password()
    {
        var (email, id) = await OperatorAsync(Password);
        var address = $"2001:db8:b:{Random.Shared.Next(1, 0xffff):x}::1";
        var caller = SignInFrom(address);
        await platform.FlushCountedAsync();

        var login = (await caller.PostAsync("/auth/login", new { email, password = Password })).ShouldBe(200);
        for (var i = 0; i < 4; i++)
        {
            (await caller.PostAsync("/auth/login", new { email, password = "what no one else would type" })).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        }

        (await caller.PostAsync("/auth/login", new { email = $"no-{email}", password = Password })).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        Assert.True(AccessToken.TryParse((string?)login.Data["token"], out var token));
        (await SessionOf(id, token.Id).PostAsync("/auth/logout")).ShouldBe(204);
        await platform.FlushCountedAsync();

        Assert.Contains(address, await DetailsAsync("operator.logged_in", id), StringComparison.Ordinal);
        Assert.Equal(1, await CountAsync("operator.logged_out", id));
        Assert.Equal(4, await TimesAsync("wrong_password", address));
        Assert.Equal(1, await TimesAsync("unknown_account", address));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE details LIKE '%password for one test%' OR details LIKE '%no one else would type%' OR details LIKE @email", new { email = $"%{email}%" }));
    }

    [Fact]
    public async Task Sign_ins_are_metered_by_outcome_and_not_by_account()
    {
        var (email, _) = await OperatorAsync(Password);
        var seen = new List<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == SignInMetrics.MeterName)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            lock (seen)
            {
                seen.Add(string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")));
            }
        });
        listener.Start();

        (await platform.Anonymous().PostAsync("/auth/login", new { email, password = Password })).ShouldBe(200);
        (await platform.Anonymous().PostAsync("/auth/login", new { email, password = "wrong" })).ShouldBe(401);
        (await platform.Anonymous().PostAsync("/auth/login", new { email = $"no-{email}", password = "wrong" })).ShouldBe(401);

        foreach (var outcome in new[] { SignInMetrics.Succeeded, SignInMetrics.WrongPassword, SignInMetrics.UnknownAccount })
        {
            Assert.Contains($"outcome={outcome}", seen);
        }

        Assert.DoesNotContain(seen, tags => tags.Contains('@', StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_password_changed_by_configuration_ends_the_operators_sessions()
    {
        var (email, id) = await OperatorAsync(Password);
        var login = (await platform.Anonymous().PostAsync("/auth/login", new { email, password = Password })).ShouldBe(200);
        Assert.True(AccessToken.TryParse((string?)login.Data["token"], out var token));

        await ConfigureAsync(email, "another password entirely");

        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE id = @Id AND revoked_at IS NOT NULL", new { token.Id }));
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'operator.password_changed' AND subject_id = @id", new { id = id.ToString() }));
        (await platform.Anonymous(1).PostAsync("/auth/login", new { email, password = Password })).ShouldBe(401);
        var again = (await platform.Anonymous(1).PostAsync("/auth/login", new { email, password = "another password entirely" })).ShouldBe(200);

        // The same configuration again changes nothing.
        await ConfigureAsync(email, "another password entirely");
        Assert.True(AccessToken.TryParse((string?)again.Data["token"], out var kept));
        Assert.Equal(0, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM personal_access_tokens WHERE id = @Id AND revoked_at IS NOT NULL", new { kept.Id }));
    }

    [Fact]
    public async Task A_disabled_operator_who_is_configured_again_stays_disabled_and_one_who_was_invited_is_let_in()
    {
        var one = await TestOperator.CreateAsync(platform);
        (await (await TestOperator.ConfiguredAsync(platform)).PostAsync($"{one.Own}/disable")).ShouldBe(200);
        var (mailbox, id) = await TestOperator.InviteAsync(platform);
        var link = await mailbox.TokenAsync();

        await ConfigureAsync(one.Email, "another password entirely");
        await ConfigureAsync(mailbox.Address, "another password entirely");

        (await one.LogInAsync("another password entirely")).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        Assert.Equal(0, await one.EventsAsync("operator.enabled"));
        (await platform.Anonymous().PostAsync("/auth/login", new { email = mailbox.Address, password = "another password entirely" })).ShouldBe(200);
        (await TestOperator.AcceptAsync(platform, link)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        Assert.Equal(1, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'operator.password_changed' AND subject_id = @id", new { id = id.ToString() }));
    }

    private async Task<(string Email, Guid Id)> OperatorAsync(string password)
    {
        var email = $"operator-{Guid.NewGuid():N}@validonx.example";
        await ConfigureAsync(email, password);
        return (email, await platform.ScalarAsync<Guid>("SELECT id FROM admins WHERE email = @email", new { email }));
    }

    /// <summary>Does what a replica does at its start with this configuration.</summary>
    private async Task ConfigureAsync(string email, string password)
    {
        using var account = ActivatorUtilities.CreateInstance<OperatorAccount>(
            platform.Replicas[0].Services, Options.Create(new OperatorOptions { Email = email.ToUpperInvariant(), Password = password }));
        await account.StartAsync(TestContext.Current.CancellationToken);
        await account.ExecuteTask!;
    }

    private ApiCaller SignInFrom(string address) =>
        new(platform.Replicas[0], platform, new CallerContext { Kind = CallerKind.Anonymous, ClientAddress = address, ExpiresAt = LicensingPlatform.InAMinute });

    private ApiCaller SessionOf(Guid id, Guid tokenId) =>
        new(platform.Replicas[0], platform, new CallerContext { Kind = CallerKind.Operator, CallerId = id, TokenId = tokenId, ExpiresAt = LicensingPlatform.InAMinute });

    private Task<long> CountAsync(string action, Guid id) =>
        platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = @action AND actor_id = @id", new { action, id = id.ToString() });

    private Task<string?> DetailsAsync(string action, Guid id) =>
        platform.ScalarAsync<string>("SELECT details FROM audit_logs WHERE action = @action AND actor_id = @id", new { action, id = id.ToString() });

    private Task<long> TimesAsync(string reason, string address) =>
        platform.ScalarAsync<long>(
            """
            SELECT COALESCE(SUM(CAST(JSON_EXTRACT(details, '$.times') AS UNSIGNED)), 0) FROM audit_logs
            WHERE action = 'operator.login_failed' AND details LIKE @network AND details LIKE @reason
            """,
            new { network = $"%{ClientNetwork.Of(address)}%", reason = $"%{reason}%" });
}
