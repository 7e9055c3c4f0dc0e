namespace ValidonX.Tests.EndToEnd;

/// <summary>CONTRACT §4, §9: one account has one address, and guessing is limited; through the gateway.</summary>
public sealed class SignInTests
{
    [Theory]
    [InlineData("ádmin@validonx.local")]
    [InlineData("admin@validonx。local")]
    [InlineData("ａdmin@validonx.local")]
    [InlineData("admin@\u0001validonx.local")]
    public async Task No_other_spelling_signs_in_as_the_operator(string email)
    {
        var nobody = new Caller((await Stack.GetAsync()).Gateways[0], null, null);

        var refused = await nobody.PostAsync("/auth/login", new { email, password = "a password for one test" });

        refused.ShouldBe(422, "VALIDATION.FAILED");
        Assert.NotEmpty(refused.Details["email"]!.AsArray());
    }

    [Fact]
    public async Task An_owner_is_not_taken_for_another_whose_address_differs_in_an_accent()
    {
        var stack = await Stack.GetAsync();
        var unique = Guid.NewGuid().ToString("N")[..10];
        var jose = await OwnerTokenAsync(stack, $"a-{unique}", $"jose-{unique}@acme.test");

        (await stack.Operator.PostAsync("/v1/admin/tenants", new { name = "Other", slug = $"b-{unique}", owner = new { email = $"josé-{unique}@acme.test" } }))
            .ShouldBe(422, "VALIDATION.FAILED");
        var shouting = await OwnerTokenAsync(stack, $"c-{unique}", $" JOSE-{unique}@ACME.test ");

        // The same person in capitals; the accented one never became a member of anything.
        var both = await new Caller(stack.Gateways[1], jose, null).GetAsync("/v1/tenant/products");
        both.ShouldBe(422, "VALIDATION.FAILED");
        (await new Caller(stack.Gateways[1], shouting, null).GetAsync("/v1/tenant/products")).ShouldBe(422, "VALIDATION.FAILED");
    }

    [Fact]
    public async Task After_five_tries_over_all_gateways_an_account_is_locked_and_whether_it_exists_cannot_be_told()
    {
        var stack = await Stack.GetAsync();
        var email = $"{Guid.NewGuid():N}@validonx.local";
        var answers = new List<Answer>();
        await Until.TrueAsync(() => DateTimeOffset.UtcNow.Second is > 0 and < 45, "a minute is young");

        for (var i = 0; i < 8; i++)
        {
            answers.Add(await new Caller(stack.Gateways[i % 2], null, null).PostAsync("/auth/login", new { email, password = "not the password" }));
        }

        Assert.All(answers.Take(5), answer => answer.ShouldBe(401, "AUTH.INVALID_CREDENTIALS"));
        Assert.All(answers.Skip(5), answer => answer.ShouldBe(429, "AUTH.ACCOUNT_LOCKED"));
        Assert.All(answers.Skip(5), answer => Assert.InRange(int.Parse(answer.Header("Retry-After")!, System.Globalization.CultureInfo.InvariantCulture), 1, 60));
    }

    private static async Task<string> OwnerTokenAsync(Stack stack, string slug, string email)
    {
        var created = (await stack.Operator.PostAsync("/v1/admin/tenants", new { name = slug, slug, owner = new { email } })).ShouldBe(202);
        var id = (string)created.Data["tenant"]!["id"]!;
        await Until.TrueAsync(
            async () => (string?)(await stack.Operator.GetAsync($"/v1/admin/tenants/{id}")).Data["tenant"]!["status"] == "active",
            $"the tenant {slug} becomes active");
        return (string)(await stack.Operator.PostAsync($"/v1/admin/tenants/{id}/api-key/reveal")).ShouldBe(200).Data["bearer_token"]!;
    }
}
