using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using ValidonX.Platform.Audit;

namespace ValidonX.Platform.Webhooks;

/// <summary>
/// Which events of the audit log are told to tenants' endpoints, and what of them: only what a tenant's users see of the thing anyway. Most audit events are told as nothing, a change of
/// entitlements as up to two.
/// </summary>
public static class WebhookMapping
{
    private static readonly FrozenDictionary<string, Func<Told, IEnumerable<(string Type, JsonObject Data)>>> Rules =
        new Dictionary<string, Func<Told, IEnumerable<(string Type, JsonObject Data)>>>(StringComparer.Ordinal)
        {
            ["license.created"] = told => One(WebhookTypes.LicenseCreated, told.Thing("license")),
            ["license.revoked"] = told => One(WebhookTypes.LicenseRevoked, told.Thing("license", ("status", "revoked"))),
            ["license.expiring"] = told => One(WebhookTypes.LicenseExpiring, told.Thing("license")),
            ["license.entitlements_changed"] = Entitlements,
            ["activation.created"] = told => One(WebhookTypes.ActivationCreated, told.Thing("activation")),
            ["activation.revoked"] = told => One(WebhookTypes.ActivationRevoked, told.Thing("activation", ("status", "revoked"))),
            ["activation.limit_reached"] = told => One(WebhookTypes.ActivationLimitReached, told.Rest("license_id")),
            ["usage.threshold_reached"] = told => One(WebhookTypes.UsageThresholdReached, told.Rest("license_id")),
            ["subscription.created"] = told => One(WebhookTypes.SubscriptionCreated, told.Subscription()),
            ["subscription.updated"] = told => One(told.Text("why") == "restarted" ? WebhookTypes.SubscriptionCreated : WebhookTypes.SubscriptionUpdated, told.Subscription()),
            ["subscription.cancelled"] = told => One(WebhookTypes.SubscriptionCancelled, told.Subscription()),
            ["subscription.changed"] = Asked,
            ["subscription.cancellation_asked"] = Asked,
            ["subscription.resumed"] = Asked,
            ["tenant.suspended"] = told => One(WebhookTypes.TenantSuspended, told.Tenant("suspended")),
            ["TenantProvisioned"] = told => One(WebhookTypes.TenantProvisioned, told.Tenant("active")),
            ["webhook.disabled"] = told => One(WebhookTypes.WebhookDisabled, told.Thing("webhook")),
            ["alert.opened"] = told => One(WebhookTypes.AlertOpened, told.Thing("alert")),
            ["alert.acknowledged"] = told => One(WebhookTypes.AlertAcknowledged, told.Thing("alert")),
            ["alert.closed"] = told => One(WebhookTypes.AlertClosed, told.Thing("alert")),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether audit events of this action are told at all.</summary>
    public static bool Knows(string action) => Rules.ContainsKey(action);

    /// <summary>What is told of an audit event.</summary>
    /// <param name="audit">The event.</param>
    /// <param name="now">When it happened, unless it says so itself.</param>
    public static IReadOnlyList<WebhookEvent> Of(AuditEvent audit, DateTimeOffset now)
    {
        if (audit.TenantId is not { } tenantId || !Rules.TryGetValue(audit.Action, out var rule))
        {
            return [];
        }

        List<(string Type, JsonObject Data)> told;
        try
        {
            told = JsonNode.Parse(audit.Data) is JsonObject data ? [.. rule(new Told(audit.SubjectId, data))] : [];
        }
        catch (Exception unreadable) when (unreadable is JsonException or ArgumentException or InvalidOperationException or FormatException)
        {
            // Whoever can write a tenant's database can put anything there. It is recorded as it is, and holds up nothing.
            return [];
        }

        var id = audit.Id ?? (audit.DedupeKey is { } key ? WebhookEvent.NamedId(key) : Guid.CreateVersion7(now));
        return
        [
            .. told.Select((one, index) => new WebhookEvent(index == 0 ? id : WebhookEvent.NamedId($"{id}/{one.Type}"), tenantId, one.Type, audit.At ?? now, one.Data)
            {
                RequestId = audit.RequestId,
            }),
        ];
    }

    private static IEnumerable<(string Type, JsonObject Data)> One(string type, JsonObject data) => [(type, data)];

    /// <summary>What somebody has changed of a subscription; where its state went elsewhere by that, the change of state is told and this is not.</summary>
    private static IEnumerable<(string Type, JsonObject Data)> Asked(Told told) =>
        told.After is { } after && !after.ContainsKey("status") ? One(WebhookTypes.SubscriptionUpdated, told.Subscription()) : [];

    /// <summary>What is granted that was not, or otherwise; what was granted and is not. Of a code that only changes its value the new one is told.</summary>
    private static IEnumerable<(string Type, JsonObject Data)> Entitlements(Told told)
    {
        var (before, after) = (Codes(told.Before), Codes(told.After));
        var granted = Where(after, (code, value) => Grants(value) && !(before.ContainsKey(code) && JsonNode.DeepEquals(before[code], value)));
        var revoked = Where(before, (code, value) => Grants(value) && !Grants(after[code]));
        if (granted.Count > 0)
        {
            yield return (WebhookTypes.EntitlementGranted, Data(granted));
        }

        if (revoked.Count > 0)
        {
            yield return (WebhookTypes.EntitlementRevoked, Data(revoked));
        }

        JsonObject Data(JsonObject entitlements) => new() { ["license_id"] = told.SubjectId, ["entitlements"] = entitlements };

        static JsonObject Codes(JsonObject? state) => state?["entitlements"] as JsonObject ?? [];

        static JsonObject Where(JsonObject codes, Func<string, JsonNode?, bool> which) =>
            new(codes.Where(one => which(one.Key, one.Value)).Select(one => KeyValuePair.Create(one.Key, one.Value?.DeepClone())));
    }

    private static bool Grants(JsonNode? value) =>
        value?.GetValueKind() switch
        {
            JsonValueKind.True or JsonValueKind.String => true,
            JsonValueKind.Number => value.GetValue<decimal>() > 0,
            _ => false,
        };

    /// <summary>What an audit event says.</summary>
    private sealed record Told(string? SubjectId, JsonObject Data)
    {
        /// <summary>Members that are the audit log's own.</summary>
        private static readonly string[] OfTheLog = ["before", "after", "address"];

        public JsonObject? Before => Data["before"] as JsonObject;

        public JsonObject? After => Data["after"] as JsonObject;

        public string? Text(string name) => Data[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

        /// <summary>The thing as it is since: the whole of it where the event shows it, else its id and what is otherwise.</summary>
        public JsonObject Thing(string name, params IReadOnlyList<(string Name, string Value)> more)
        {
            var thing = new JsonObject { ["id"] = SubjectId };
            foreach (var (member, value) in (Data[name] ?? After) as JsonObject ?? [])
            {
                thing[member] = value?.DeepClone();
            }

            foreach (var (member, value) in more)
            {
                thing[member] = value;
            }

            return new JsonObject { [name] = thing };
        }

        /// <summary>All that the event says beside the log's own, with its subject under a name.</summary>
        public JsonObject Rest(string subject)
        {
            var rest = new JsonObject { [subject] = SubjectId };
            foreach (var (name, value) in Data.Where(one => !OfTheLog.Contains(one.Key, StringComparer.Ordinal)))
            {
                rest[name] = value?.DeepClone();
            }

            return rest;
        }

        public JsonObject Subscription() => new()
        {
            ["subscription"] = new JsonObject
            {
                ["id"] = SubjectId,
                ["status"] = Text("status"),
                ["plan"] = Text("plan"),
                ["period_start"] = Text("period_start"),
                ["period_end"] = Text("period_end"),
            },
            ["reason"] = Text("why"),
        };

        public JsonObject Tenant(string status) => new() { ["tenant"] = new JsonObject { ["id"] = SubjectId, ["status"] = status } };
    }
}
