using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace ValidonX.Tests.EndToEnd;

/// <summary>What an operator does from the dashboard, as the dashboard does it.</summary>
public sealed class DashboardCommandTests
{
    [Fact]
    public async Task A_tenant_is_provisioned_and_its_first_key_works()
    {
        var stack = await Stack.GetAsync();

        var state = await SucceedsAsync("provision-tenant", ("name", $"Commanded {Guid.NewGuid():N}"), ("plan", "pro"));

        Assert.Equal("active", (string?)state["tenant"]!["status"]);
        Assert.Equal("pro", (string?)state["tenant"]!["plan"]);
        Assert.Equal(12, state["run"]!["stages"]!.AsArray().Count);
        var app = new Caller(stack.Gateways[0], null, (string)state["credentials"]!["api_key"]!);
        (await app.ValidateAsync("NO-SUCH-LICENSE")).ShouldBe(404, "LICENSE.NOT_FOUND");
    }

    [Fact]
    public async Task A_tenants_state_is_shown_by_its_slug_and_by_its_id()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();

        foreach (var name in (string[])[tenant.Slug, tenant.Id.ToString()])
        {
            var state = await SucceedsAsync("show-tenant", ("tenant", name));

            Assert.Equal(tenant.Id.ToString(), (string?)state["tenant"]!["id"]);
            Assert.Equal("succeeded", (string?)state["run"]!["status"]);
            Assert.NotNull(state["rate_limits"]);
        }

        var unknown = await ExecuteAsync("show-tenant", ("tenant", "nobody-here"));
        Assert.False(unknown.Success);
        Assert.Equal("There is no tenant 'nobody-here'.", unknown.Message);
    }

    [Fact]
    public async Task A_tenants_caches_are_flushed_and_it_is_served_as_before()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();
        var license = await tenant.CreateLicenseAsync();
        (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);

        var flushed = await ExecuteAsync("flush-tenant-caches", ("tenant", tenant.Slug));

        Assert.True(flushed.Success, flushed.Message);
        (await tenant.App.ValidateAsync(license.Key)).ShouldBe(200);
        Assert.False((await ExecuteAsync("flush-tenant-caches", ("tenant", Guid.NewGuid().ToString()))).Success);
    }

    [Fact]
    public async Task More_commands_at_once_than_an_account_may_sign_in_within_two_minutes_all_succeed()
    {
        var tenant = await (await Stack.GetAsync()).CreateTenantAsync();

        var states = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => SucceedsAsync("show-tenant", ("tenant", tenant.Slug))));

        Assert.All(states, state => Assert.Equal("active", (string?)state["tenant"]!["status"]));
    }

    private static async Task<JsonNode> SucceedsAsync(string command, params (string Name, string Value)[] arguments)
    {
        var result = await ExecuteAsync(command, arguments);
        Assert.True(result.Success, result.Message);
        return JsonNode.Parse(result.Data!.Value)!;
    }

    private static async Task<ExecuteCommandResult> ExecuteAsync(string command, params (string Name, string Value)[] arguments) =>
        await (await Stack.GetAsync()).App.ResourceCommands.ExecuteCommandAsync(
            "gateway",
            command,
            new InteractionInputCollection([.. arguments.Select(argument => new InteractionInput { Name = argument.Name, InputType = InputType.Text, Value = argument.Value })]),
            TestContext.Current.CancellationToken);
}
