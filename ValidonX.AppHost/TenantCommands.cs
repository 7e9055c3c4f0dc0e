using System.Text.Json;
using System.Text.Json.Nodes;

namespace ValidonX.AppHost;

/// <summary>What an operator does most, as commands in the dashboard (and of <c>aspire resource gateway …</c>), through the public API.</summary>
internal static class TenantCommands
{
    private const string Plan = "plan";
    private const string Tenant = "tenant";
    private const string Name = "name";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pulse = TimeSpan.FromMilliseconds(100);
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static readonly InteractionInput WhichTenant = new()
    {
        Name = Tenant,
        Label = "Tenant",
        Description = "The tenant's slug or id.",
        InputType = InputType.Text,
        Required = true,
        Placeholder = "northwind-cad",
    };

    /// <summary>Adds the commands to a gateway.</summary>
    public static IResourceBuilder<ProjectResource> WithTenantCommands(
        this IResourceBuilder<ProjectResource> gateway, string operatorEmail, IResourceBuilder<ParameterResource> operatorPassword)
    {
        // One for all commands and for as long as the stack runs.
        var api = new OperatorApi(
            new HttpClient { Timeout = Patience },
            () => new Uri(gateway.GetEndpoint("http").Url),
            operatorEmail,
            operatorPassword.Resource.GetValueAsync);
        gateway.WithCommand("provision-tenant", "Provision a tenant", context => AsOperatorAsync(context, ProvisionAsync), new CommandOptions
        {
            Description = "Signs a tenant up and waits until it is in service; shows its first API key and its owner's token, once.",
            IconName = "BuildingMultiple",
            IsHighlighted = true,
            Progress = new() { Message = "Provisioning…" },
            Arguments =
            [
                new() { Name = Name, Label = "Name", InputType = InputType.Text, Required = true, Value = "Demo Tenant", MaxLength = 120 },
                new()
                {
                    Name = Plan, Label = "Plan", InputType = InputType.Choice, Required = true, Value = "starter",
                    Options = [new("starter", "Starter"), new("pro", "Pro"), new("enterprise", "Enterprise")],
                },
            ],
        });
        gateway.WithCommand("show-tenant", "Show a tenant", context => AsOperatorAsync(context, ShowAsync), new CommandOptions
        {
            Description = "Shows a tenant's state, its limits and the run that provisioned it with its stages.",
            IconName = "BuildingRetail",
            Arguments = [WhichTenant],
        });
        return gateway.WithCommand("flush-tenant-caches", "Flush a tenant's caches", context => AsOperatorAsync(context, FlushAsync), new CommandOptions
        {
            Description = "Lets every gateway and every licensing API forget what it holds of a tenant, as after each change of it.",
            IconName = "Broom",
            Arguments = [WhichTenant],
        });

        async Task<ExecuteCommandResult> AsOperatorAsync(
            ExecuteCommandContext context, Func<OperatorApi, ExecuteCommandContext, CancellationToken, Task<ExecuteCommandResult>> command)
        {
            try
            {
                return await command(api, context, context.CancellationToken);
            }
            catch (HttpRequestException refused)
            {
                return CommandResults.Failure(refused.Message);
            }
        }
    }

    private static async Task<ExecuteCommandResult> ProvisionAsync(OperatorApi api, ExecuteCommandContext context, CancellationToken cancellation)
    {
        var name = context.Arguments.GetString(Name)!;
        var created = await api.PostAsync(
            "/v1/admin/tenants",
            new JsonObject
            {
                ["name"] = name,
                ["plan"] = context.Arguments.GetString(Plan),
                ["owner"] = new JsonObject { ["email"] = $"owner-{Guid.NewGuid():N}@tenant.example" },
            },
            cancellation);
        var id = (string)created["tenant"]!["id"]!;
        var state = created;
        while ((string?)state["run"]!["status"] is not ("succeeded" or "failed"))
        {
            await Task.Delay(Pulse, cancellation);
            state = await api.TenantAsync(id, cancellation);
        }

        if ((string?)state["run"]!["status"] == "failed")
            return CommandResults.Failure($"The provisioning of {name} failed.", Text(state), CommandResultFormat.Json);

        state["credentials"] = (await api.PostAsync($"/v1/admin/tenants/{id}/api-key/reveal", null, cancellation)).DeepClone();
        return CommandResults.Success($"{name} is in service.", Text(state), CommandResultFormat.Json, displayImmediately: true);
    }

    private static async Task<ExecuteCommandResult> ShowAsync(OperatorApi api, ExecuteCommandContext context, CancellationToken cancellation)
    {
        var state = await api.TenantAsync(context.Arguments.GetString(Tenant)!, cancellation);
        var tenant = state["tenant"]!;
        state["rate_limits"] = (await api.GetAsync($"/v1/admin/tenants/{(string)tenant["id"]!}/rate-limits", cancellation)).DeepClone();
        return CommandResults.Success($"{(string?)tenant["name"]} is {(string?)tenant["status"]}.", Text(state), CommandResultFormat.Json, displayImmediately: true);
    }

    private static async Task<ExecuteCommandResult> FlushAsync(OperatorApi api, ExecuteCommandContext context, CancellationToken cancellation)
    {
        var tenant = (await api.TenantAsync(context.Arguments.GetString(Tenant)!, cancellation))["tenant"]!;
        await api.PostAsync($"/v1/admin/tenants/{(string)tenant["id"]!}/flush-caches", null, cancellation);
        return CommandResults.Success($"Nothing of {(string?)tenant["name"]} is cached any more.");
    }

    private static string Text(JsonNode state) => state.ToJsonString(Indented);
}
