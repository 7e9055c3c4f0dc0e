using System.Text.Json.Nodes;

namespace ValidonX.Tests.EndToEnd.Fuzzing;

/// <summary>Makes good values bad, and hostile ones, by what their schema says.</summary>
internal sealed class Mutations(ApiDescription api, Random random)
{
    private static readonly string[] HostileTexts =
    [
        "", " ", "\u0000", "\t", "null", "undefined", "-1", "1e308", "' OR 1=1 --", "\"; DROP TABLE tenants; --", "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x}",
        "../../etc/passwd", "%00", "%2e%2e", "аdmin", "ＡＤＭＩＮ", "\u202Eevil", "a\u0300\u0301\u0302", "😀", "\ud83d", new string('x', 300), new string('ä', 2_000), "00000000-0000-0000-0000-000000000000",
        "2026-02-30T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-04-03T10:00:00+99:99", "İ", "ß", "\r\nX-Injected: 1",
    ];

    /// <summary>One body: the example, with one or more of its parts changed.</summary>
    public JsonNode? Body(ApiOperation operation)
    {
        if (random.Next(30) == 0)
        {
            return AnyValue();
        }

        var body = operation.Example!.DeepClone();
        if (body is JsonObject fields && operation.Body is { } schema)
        {
            for (var changes = random.Next(4); changes > 0; changes--)
            {
                Change(fields, api.Resolve(schema));
            }
        }

        return body;
    }

    /// <summary>A value for a query parameter.</summary>
    public string QueryValue(JsonNode schema) =>
        random.Next(3) == 0 && schema["enum"] is JsonArray words ? (string?)words[random.Next(words.Count)] ?? "null" : Value(schema) is { } value ? value.ToString() : "null";

    /// <summary>A text that means harm.</summary>
    public string HostileText() => HostileTexts[random.Next(HostileTexts.Length)];

    private void Change(JsonObject fields, JsonNode schema)
    {
        var known = schema["properties"]?.AsObject().Select(property => property.Key).ToList() ?? [];
        if (known.Count == 0 || random.Next(10) == 0)
        {
            fields[random.Next(2) == 0 ? "unknown" : HostileKey()] = AnyValue();
            return;
        }

        var name = known[random.Next(known.Count)];
        var rule = api.Resolve(schema["properties"]![name]!);
        switch (random.Next(5))
        {
            case 0:
                fields.Remove(name);
                break;
            case 1:
                fields[name] = null;
                break;
            case 2 when fields[name] is JsonObject nested && rule["properties"] is not null:
                Change(nested, rule);
                break;
            case 3:
                fields[name] = AnyValue();
                break;
            default:
                fields[name] = Value(rule);
                break;
        }
    }

    /// <summary>A value of about the right kind: at its bounds, just beyond them, or hostile.</summary>
    private JsonNode? Value(JsonNode schema)
    {
        if (random.Next(4) == 0 && schema["enum"] is JsonArray words)
        {
            // The words of an enumeration that may be missing have a null among them.
            return ((string?)words[random.Next(words.Count)])?.ToUpperInvariant();
        }

        var type = schema["type"] is JsonArray types ? (string?)types.FirstOrDefault(one => (string?)one != "null") : (string?)schema["type"];
        return type switch
        {
            "integer" or "number" => Number(schema),
            "boolean" => random.Next(2) == 0,
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(3) == 0 ? 300 : random.Next(4)).Select(_ => AnyValue())]),
            "object" => new JsonObject { ["a"] = AnyValue() },
            _ => Text(schema),
        };
    }

    private JsonNode Number(JsonNode schema)
    {
        var least = (long?)schema["minimum"] ?? 0;
        var most = (long?)schema["maximum"] ?? long.MaxValue;
        return random.Next(8) switch
        {
            0 => least,
            1 => most,
            2 => unchecked(least - 1),
            3 => unchecked(most + 1),
            4 => 1.5,
            5 => JsonNode.Parse("1e400")!,
            6 => JsonNode.Parse("99999999999999999999999")!,
            _ => 0,
        };
    }

    private JsonNode Text(JsonNode schema)
    {
        var least = (int?)schema["minLength"] ?? 0;
        var most = (int?)schema["maxLength"] ?? 50;
        return random.Next(6) switch
        {
            0 => new string('a', least),
            1 => new string('a', most),
            2 => new string('a', most + 1),
            3 => new string('a', Math.Max(0, least - 1)),
            4 => Guid.CreateVersion7().ToString(),
            _ => HostileText(),
        };
    }

    private string HostileKey() => HostileTexts[random.Next(9)] + random.Next(10);

    private JsonNode? AnyValue() =>
        random.Next(8) switch
        {
            0 => null,
            1 => random.Next(2) == 0,
            2 => random.NextInt64(),
            3 => -0.5,
            4 => HostileText(),
            5 => new JsonArray(),
            6 => new JsonObject(),
            _ => new JsonArray(new JsonArray(new JsonObject { ["x"] = "y" })),
        };
}
