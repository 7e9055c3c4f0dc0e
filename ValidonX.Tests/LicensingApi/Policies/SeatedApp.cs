using ValidonX.Tests.EndToEnd;

namespace ValidonX.Tests.LicensingApi.Policies;

/// <summary>What an app does with seats.</summary>
internal static class SeatedApp
{
    /// <summary>Takes a seat with whatever else is told.</summary>
    public static Task<Answer> TakeAsync(this ApiCaller app, object question) => app.PostAsync("/v1/integration/activations", question);

    /// <summary>Keeps a seat.</summary>
    public static Task<Answer> BeatAsync(this ApiCaller app, string id, object? question = null) => app.PostAsync($"/v1/integration/activations/{id}/heartbeat", question);

    /// <summary>Gives a seat back.</summary>
    public static Task<Answer> ReleaseAsync(this ApiCaller app, string id) => app.DeleteAsync($"/v1/integration/activations/{id}");

    /// <summary>Asks after a seat.</summary>
    public static Task<Answer> AskAsync(this ApiCaller app, string id, object? question = null) => app.PostAsync($"/v1/integration/activations/{id}/validate", question);

    /// <summary>The id of the activation in an answer.</summary>
    public static string Id(this Answer answer) => (string)answer.Data["activation"]!["id"]!;

    /// <summary>The status of the activation in an answer.</summary>
    public static string SeatStatus(this Answer answer) => (string)answer.Data["activation"]!["status"]!;

    /// <summary>Until when the activation in an answer is leased.</summary>
    public static DateTimeOffset? Lease(this Answer answer) => (DateTimeOffset?)answer.Data["activation"]!["lease_expires_at"];

    /// <summary>The reason of a verdict or a refusal.</summary>
    public static string? Reason(this Answer answer) => (string?)(answer.Status < 400 ? answer.Data["reason"] : answer.Details["reason"]);

    /// <summary>Makes a product with a policy; its id.</summary>
    public static async Task<string> CreateProductAsync(this LicensedTenant tenant, object policy)
    {
        var id = (string)(await tenant.Owner.PostAsync("/v1/tenant/products", new { code = $"p-{Guid.NewGuid():N}"[..20], name = "P" })).ShouldBe(201).Data["product"]!["id"]!;
        (await tenant.SetPolicyAsync(id, policy)).ShouldBe(200);
        return id;
    }

    /// <summary>Replaces a product's policy.</summary>
    public static Task<Answer> SetPolicyAsync(this LicensedTenant tenant, string productId, object policy) => tenant.Owner.PutAsync($"/v1/tenant/products/{productId}/policy", policy);

    /// <summary>How many events of a type the tenant's outbox holds, about a subject if one is named.</summary>
    public static async Task<long> ToldAsync(this LicensedTenant tenant, string type, string? subject = null) =>
        await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE type = @type AND (@subject IS NULL OR subject_id = @subject)", new { type, subject });
}
