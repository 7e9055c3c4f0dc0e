using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ValidonX.Platform.Audit;

namespace ValidonX.LicensingApi.Changes;

/// <summary>
/// Says in an audit event what a change changed, by what is shown of the thing before and after it: of a thing that was there and is there, the members that
/// differ. Texts whose name says that they are secret are left out, whoever forgets that they would be in it.
/// </summary>
internal static class AuditedChange
{
    private static readonly string[] Secrets = ["key", "token", "secret", "password", "hash", "otp", "codes"];

    // Read by programs, never put into HTML as it is.
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The thing was made.</summary>
    public static AuditEvent Made<T>(this AuditEvent audit, T made, JsonTypeInfo<T> type) => audit with { After = Text(Members(made, type)) };

    /// <summary>The thing was taken away.</summary>
    public static AuditEvent Unmade<T>(this AuditEvent audit, T unmade, JsonTypeInfo<T> type) => audit with { Before = Text(Members(unmade, type)) };

    /// <summary>The thing was changed.</summary>
    public static AuditEvent Changed<T>(this AuditEvent audit, T from, T to, JsonTypeInfo<T> type)
    {
        var (before, after) = (Members(from, type), Members(to, type));
        foreach (var name in before.Select(member => member.Key).Where(name => after.ContainsKey(name) && JsonNode.DeepEquals(before[name], after[name])).ToList())
        {
            before.Remove(name);
            after.Remove(name);
        }

        return before.Count + after.Count == 0 ? audit : audit with { Before = Text(before), After = Text(after) };
    }

    /// <summary>Shows the whole of the thing, too, as it is since, for those who hear of the event and cannot look.</summary>
    public static AuditEvent Showing<T>(this AuditEvent audit, string name, T thing, JsonTypeInfo<T> type)
    {
        var details = JsonNode.Parse(audit.Details)!.AsObject();
        details[name] = Members(thing, type);
        return audit with { Details = Text(details) };
    }

    /// <summary>
    /// These members of a person's account were changed. What they were and are is not told: an entry cannot be changed later, and who leaves has a right that it is gone.
    /// </summary>
    public static AuditEvent ChangedOnly(this AuditEvent audit, params IReadOnlyList<string> members) =>
        audit with { After = Text(new JsonObject { ["changed"] = new JsonArray([.. members.Select(member => (JsonNode)member)]) }) };

    /// <summary>A state of the thing, which is a word or a truth, was changed.</summary>
    public static AuditEvent Moved(this AuditEvent audit, string name, JsonNode from, JsonNode to) =>
        audit with { Before = Text(new JsonObject { [name] = from }), After = Text(new JsonObject { [name] = to }) };

    /// <summary>Says by which larger undertaking it came about.</summary>
    public static AuditEvent With(this AuditEvent audit, string name, Guid id) =>
        audit with { Details = audit.Details == "{}" ? $"{{\"{name}\":\"{id}\"}}" : $"{audit.Details[..^1]},\"{name}\":\"{id}\"}}" };

    private static JsonObject Members<T>(T thing, JsonTypeInfo<T> type)
    {
        var members = JsonSerializer.SerializeToNode(thing, type)!.AsObject();
        Strip(members);
        return members;
    }

    private static void Strip(JsonObject members)
    {
        foreach (var (name, value) in members.ToList())
        {
            if (value is JsonObject inner)
            {
                Strip(inner);
            }
            else if (value is not null && IsSecret(name) && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Array)
            {
                members.Remove(name);
            }
        }
    }

    private static bool IsSecret(string name) => Secrets.Contains(name[(name.LastIndexOf('_') + 1)..], StringComparer.Ordinal);

    private static string Text(JsonObject members) => members.ToJsonString(Readable);
}
