using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Operators;

/// <summary>Operators are listed, renamed, disabled and enabled; one who can sign in is always left.</summary>
[Collection(LicensingCollection.Name)]
public sealed class OperatorTests(LicensingPlatform platform)
{
    private const string Path = TestOperator.Path;

    [Fact]
    public async Task A_disabled_operator_has_no_token_and_no_way_in_and_is_enabled_as_before()
    {
        var (one, other) = (await TestOperator.CreateAsync(platform), await TestOperator.CreateAsync(platform));
        (await other.LogInAsync()).ShouldBe(200);
        (await platform.Anonymous().PostAsync("/auth/forgot-password", new { email = other.Email })).ShouldBe(202);
        var link = await other.Mailbox.TokenAsync();
        await platform.FlushCountedAsync();

        Assert.Equal("disabled", (string?)(await one.Here.PostAsync($"{other.Own}/disable")).ShouldBe(200).Data["operator"]!["status"]);

        Assert.Equal(0, await other.ValidTokensAsync());
        (await other.LogInAsync()).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await other.LogInAsync(replica: 1)).ShouldBe(401, "AUTH.INVALID_CREDENTIALS");
        (await ResetAsync(link)).ShouldBe(422, "AUTH.PASSWORD_RESET_FAILED");
        var mails = (await other.Mailbox.MailsAsync()).Count;
        (await platform.Anonymous().PostAsync("/auth/forgot-password", new { email = other.Email })).ShouldBe(202);
        Assert.Equal(mails, (await other.Mailbox.MailsAsync()).Count);
        // A request of theirs that a gateway let through a moment before changes no operator any more.
        (await other.Here.PostAsync($"{one.Own}/disable")).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        (await other.Here.PutAsync("/auth/password", new { current_password = TestOperator.Password, password = "a new and good one" })).ShouldBe(401, "AUTH.UNAUTHENTICATED");
        // Repeated it is the same, and recorded once.
        (await one.At(1).PostAsync($"{other.Own}/disable")).ShouldBe(200);
        Assert.Equal((1, 0), (await other.EventsAsync("operator.disabled"), await one.EventsAsync("operator.password_changed")));
        await platform.FlushCountedAsync();
        Assert.True(await platform.ScalarAsync<long>("SELECT COUNT(*) FROM audit_logs WHERE action = 'operator.login_failed' AND actor_id = @id AND details LIKE '%barred%'", new { id = other.Id.ToString() }) > 0);

        Assert.Equal("active", (string?)(await one.Here.PostAsync($"{other.Own}/enable")).ShouldBe(200).Data["operator"]!["status"]);
        (await one.Here.PostAsync($"{other.Own}/enable")).ShouldBe(200);
        Assert.Equal(0, await other.ValidTokensAsync());
        (await other.LogInAsync()).ShouldBe(200);
        Assert.Equal(1, await other.EventsAsync("operator.enabled"));
        var entry = (await one.Here.GetAsync($"/v1/admin/audit-logs?action=operator.disabled&target={other.Id}")).ShouldBe(200).Data[0]!;
        Assert.Equal((one.Id.ToString(), "active", "disabled"), ((string?)entry["actor"]!["id"], (string?)entry["before"]!["status"], (string?)entry["after"]!["status"]));
    }

    [Fact]
    public async Task Nobody_disables_oneself_or_the_configured_account()
    {
        var one = await TestOperator.CreateAsync(platform);
        var configured = await platform.ScalarAsync<Guid>("SELECT id FROM admins WHERE email = @Email", new { Email = LicensingPlatform.OperatorEmail });

        (await one.Here.PostAsync($"{one.Own}/disable")).ShouldBe(409, "RESOURCE.CONFLICT");
        (await one.Here.PostAsync($"{Path}/{configured}/disable")).ShouldBe(409, "RESOURCE.CONFLICT");

        Assert.True((bool)(await one.Here.GetAsync($"{Path}/{configured}")).ShouldBe(200).Data["operator"]!["configured"]!);
        Assert.Equal(2, await platform.ScalarAsync<long>("SELECT COUNT(*) FROM admins WHERE id IN (@Id, @configured) AND disabled_at IS NULL", new { one.Id, configured }));
        (await one.Here.PostAsync($"{Path}/{Guid.NewGuid()}/disable")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await one.Here.PostAsync($"{Path}/{Guid.NewGuid()}/enable")).ShouldBe(404, "RESOURCE.NOT_FOUND");
        (await one.Here.GetAsync($"{Path}/{Guid.NewGuid()}")).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task Of_three_who_disable_each_other_at_once_one_is_always_left()
    {
        for (var round = 0; round < 5; round++)
        {
            var people = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => TestOperator.CreateAsync(platform)));

            var answers = await Task.WhenAll(people.Select((one, i) => one.At(i % 2).PostAsync($"{people[(i + 1) % 3].Own}/disable")));

            Assert.All(answers, answer => Assert.True(answer.Status is 200 or 401, answer.ToString()));
            var left = await platform.ScalarAsync<long>("SELECT COUNT(*) FROM admins WHERE id IN @ids AND disabled_at IS NULL", new { ids = people.Select(one => one.Id) });
            Assert.Equal(answers.Count(answer => answer.Status == 401), left);
            Assert.InRange(left, 1, 2);
        }
    }

    [Fact]
    public async Task An_invitation_that_is_taken_back_is_accepted_by_nobody_before_it_is_sent_again()
    {
        var configured = await TestOperator.ConfiguredAsync(platform);
        var (mailbox, id) = await TestOperator.InviteAsync(platform);
        var token = await mailbox.TokenAsync();

        Assert.Equal("disabled", (string?)(await configured.PostAsync($"{Path}/{id}/disable")).ShouldBe(200).Data["operator"]!["status"]);
        (await TestOperator.AcceptAsync(platform, token)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await configured.PostAsync($"{Path}/{id}/resend")).ShouldBe(409, "RESOURCE.CONFLICT");

        Assert.Equal("invited", (string?)(await configured.PostAsync($"{Path}/{id}/enable")).ShouldBe(200).Data["operator"]!["status"]);
        (await TestOperator.AcceptAsync(platform, token)).ShouldBe(403, "AUTH.VERIFICATION_FAILED");
        (await configured.PostAsync($"{Path}/{id}/resend")).ShouldBe(200);
        (await TestOperator.AcceptAsync(platform, await mailbox.TokenAsync())).ShouldBe(200);
    }

    [Fact]
    public async Task A_new_name_is_that_of_what_was_done_before_too()
    {
        var (one, other) = (await TestOperator.CreateAsync(platform), await TestOperator.CreateAsync(platform));
        (await other.Here.PostAsync($"{other.Own}/enable")).ShouldBe(200);

        Assert.Equal("Ada", (string?)(await one.Here.PatchAsync(other.Own, new { name = "Ada" })).ShouldBe(200).Data["operator"]!["name"]);
        (await one.Here.PatchAsync(other.Own, new { name = "Ada" })).ShouldBe(200);

        Assert.Equal("Ada", (string?)(await other.Here.GetAsync("/auth/me")).ShouldBe(200).Data["admin"]!["name"]);
        Assert.Equal(1, await other.EventsAsync("operator.renamed"));
        var entry = (await one.Here.GetAsync($"/v1/admin/audit-logs?action=operator.accepted&actor={other.Id}")).ShouldBe(200).Data[0]!;
        Assert.Equal("Ada", (string?)entry["actor"]!["name"]);
        (await one.Here.PatchAsync(other.Own, new { name = "" })).ShouldBe(422, "VALIDATION.FAILED");
        (await one.Here.PatchAsync($"{Path}/{Guid.NewGuid()}", new { name = "Ada" })).ShouldBe(404, "RESOURCE.NOT_FOUND");
    }

    [Fact]
    public async Task They_are_listed_by_pages_the_newest_first_and_by_how_they_stand()
    {
        var one = await TestOperator.CreateAsync(platform);
        var made = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            made.Insert(0, (await TestOperator.InviteAsync(platform)).Id.ToString());
        }

        (await one.Here.PostAsync($"{Path}/{made[1]}/disable")).ShouldBe(200);
        Assert.Equal([made[0], made[2]], await SeenAsync("status=invited&limit=1"));
        Assert.Equal([made[1]], await SeenAsync("status=disabled&limit=2"));
        Assert.Contains(one.Id.ToString(), await SeenAsync("status=active&limit=3", all: true));
        (await one.Here.GetAsync($"{Path}?status=gone")).ShouldBe(422, "VALIDATION.FAILED");

        async Task<IReadOnlyList<string>> SeenAsync(string query, bool all = false)
        {
            var seen = new List<string>();
            string? cursor = null;
            do
            {
                var page = (await one.Here.GetAsync($"{Path}?{query}{(cursor is null ? "" : $"&cursor={cursor}")}")).ShouldBe(200);
                seen.AddRange(page.Data.AsArray().Select(shown => (string)shown!["id"]!));
                cursor = (string?)page.Meta["next_cursor"];
            }
            while (cursor is not null);
            Assert.Equal(seen.Distinct(), seen);
            return [.. seen.Where(id => all || made.Contains(id))];
        }
    }

    private Task<Answer> ResetAsync(string token) => platform.Anonymous().PostAsync("/auth/reset-password", new { token, password = "a new and good one" });
}
