using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using ValidonX.Tests.LicensingApi.Passkeys;

namespace ValidonX.Tests.EndToEnd.Fuzzing;

/// <summary>Two tenants that have one of everything that can be made by a POST, and everybody who calls.</summary>
internal sealed partial class FuzzWorld
{
    // What operators do to it (suspend it, close it) is no matter.
    private readonly TestTenant _operated;
    private readonly Dictionary<(Guid Tenant, string Collection), string> _ids = [];

    private FuzzWorld(TestTenant first, TestTenant second, TestTenant third, string operatorToken)
    {
        First = first;
        Second = second;
        _operated = third;
        Operator = new Credential("operator", "Authorization", $"Bearer {operatorToken}", null);
        Credentials =
        [
            new Credential("nobody", null, null, null),
            new Credential("a wrong key", "X-API-Key", "vx_" + new string('0', 64), null),
            new Credential("a wrong token", "Authorization", $"Bearer {Guid.NewGuid():N}|x", null),
            KeyOf(first), TokenOf(first), KeyOf(second), TokenOf(second), Operator,
        ];
    }

    /// <summary>The tenant whose things are not to be seen.</summary>
    public TestTenant First { get; }

    /// <summary>The tenant that tries.</summary>
    public TestTenant Second { get; }

    public IReadOnlyList<Credential> Credentials { get; }

    private Credential Operator { get; }

    [GeneratedRegex(@"(?<collection>[\w/-]+)/\{(?<name>\w+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Step { get; }

    public static async Task<FuzzWorld> CreateAsync(Stack stack, ApiDescription api)
    {
        var world = new FuzzWorld(await stack.CreateTenantAsync("enterprise"), await stack.CreateTenantAsync("enterprise"), await stack.CreateTenantAsync("enterprise"), stack.OperatorToken);
        foreach (var tenant in new[] { world.First, world.Second })
        {
            await world.FillAsync(api, tenant);
        }

        return world;
    }

    /// <summary>A body with what has to be unique made so.</summary>
    public static JsonNode? Fresh(JsonNode? body)
    {
        var fresh = body?.DeepClone();
        if (fresh is JsonObject fields)
        {
            foreach (var name in new[] { "key", "code", "slug" })
            {
                if (fields[name] is JsonValue value && value.TryGetValue<string>(out var text) && text.Length is > 2 and < 30)
                {
                    fields[name] = $"{text.ToLowerInvariant()}-{Guid.NewGuid().ToString("N")[..8]}";
                }
            }

            if (fields["expires_at"] is JsonValue time && time.TryGetValue<string>(out var at) && at.StartsWith("2026-04", StringComparison.Ordinal))
            {
                fields["expires_at"] = DateTimeOffset.UtcNow.AddDays(30).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
            }

            // The example's ids name nothing.
            foreach (var name in fields.Where(field => field.Key.EndsWith("_id", StringComparison.Ordinal) && (string?)(field.Value as JsonValue)?.ToString() == "019a1b2c-3d4e-7f5a-8b6c-7d8e9f0a1b2c").Select(field => field.Key).ToList())
            {
                fields.Remove(name);
            }
        }

        return fresh;
    }

    /// <summary>The path of an operation with the ids of a tenant's things, or with ids that nothing has.</summary>
    public string PathOf(ApiOperation operation, TestTenant? tenant)
    {
        var path = operation.Path;
        tenant = operation.IsOperators && tenant is not null ? _operated : tenant;
        while (Step.Match(path) is { Success: true } step)
        {
            var id = tenant is null ? Guid.NewGuid().ToString() : IdOf(tenant, step.Groups["collection"].Value);
            path = path[..step.Groups["name"].Index][..^1] + id + path[(step.Groups["name"].Index + step.Groups["name"].Length + 1)..];
        }

        return path;
    }

    /// <summary>The credential that an operation asks for, of this tenant if it is a tenant's.</summary>
    public Credential RightOneFor(ApiOperation operation, TestTenant tenant) =>
        operation.IsOperators ? Operator : operation.Security == "apiKey" ? KeyOf(tenant) : operation.Security is null ? Credentials[0] : TokenOf(tenant);

    /// <summary>Whether a request names something of the first tenant and comes from the second one.</summary>
    public bool IsForeign(Credential credential, string path, string body) =>
        credential.Tenant == Second.Id && _ids.Any(thing => thing.Key.Tenant == First.Id && (path.Contains(thing.Value, StringComparison.Ordinal) || body.Contains(thing.Value, StringComparison.Ordinal)));

    /// <summary>Whether the second tenant is told something of the first one.</summary>
    public string? Leak(Credential credential, string body) =>
        credential.Tenant == Second.Id && (body.Contains(First.Id.ToString(), StringComparison.Ordinal) || body.Contains(First.Slug, StringComparison.Ordinal))
            ? "the answer names another tenant"
            : null;

    private static Credential KeyOf(TestTenant tenant) => new($"app of {tenant.Slug}", "X-API-Key", tenant.ApiKey, tenant.Id);

    private static Credential TokenOf(TestTenant tenant) => new($"owner of {tenant.Slug}", "Authorization", $"Bearer {tenant.BearerToken}", tenant.Id);

    private string IdOf(TestTenant tenant, string collection)
    {
        var last = collection.Split('/')[^1];
        return last == "tenants" || collection.EndsWith("/onboarding/provision", StringComparison.Ordinal) ? tenant.Id.ToString()
            : _ids.GetValueOrDefault((tenant.Id, last)) ?? Guid.NewGuid().ToString();
    }

    /// <summary>What takes an authenticator's answer is not made of an example.</summary>
    private static async Task<string> MakePasskeyAsync(TestTenant tenant)
    {
        using var authenticator = new SoftAuthenticator();
        var question = (await tenant.Owner.PostAsync("/v1/account/passkeys/options", new { })).ShouldBe(200).Data;
        var made = await tenant.Owner.PostAsync(
            "/v1/account/passkeys", new { name = "Fuzz", ceremony = (string)question["ceremony"]!, credential = authenticator.Create(question["options"]!) });
        return (string)made.ShouldBe(201).Data["id"]!;
    }

    /// <summary>Makes one of everything: for each collection with an id below it, its POST with its own example.</summary>
    private async Task FillAsync(ApiDescription api, TestTenant tenant)
    {
        var license = await tenant.CreateLicenseAsync();
        _ids[(tenant.Id, "licenses")] = license.Id.ToString();
        (await tenant.App.ActivateAsync(license.Key, "fuzz")).ShouldBe(201);
        _ids[(tenant.Id, "activations")] = (string)(await tenant.Owner.GetAsync("/v1/tenant/activations")).Data[0]!["id"]!;
        _ids[(tenant.Id, "passkeys")] = await MakePasskeyAsync(tenant);
        foreach (var make in api.Operations.Where(operation => operation is { Method: "POST", IsOperators: false, Security: "bearer", Example: not null } && !operation.Path.Contains('{', StringComparison.Ordinal)))
        {
            var collection = make.Path.Split('/')[^1];
            if (!_ids.ContainsKey((tenant.Id, collection)) && api.Operations.Any(operation => operation.Path.StartsWith($"{make.Path}/{{", StringComparison.Ordinal)))
            {
                var made = await tenant.Owner.PostAsync(make.Path, Fresh(make.Example));
                Assert.True(made.Status is 201 or 202, $"{make} with its own example: {made}");
                _ids[(tenant.Id, collection)] = (string)(made.Data["id"] ?? made.Data.AsObject().Select(member => (member.Value as JsonObject)?["id"]).First(id => id is not null))!;
            }
        }
    }
}

/// <summary>What proves who calls.</summary>
internal sealed record Credential(string Name, string? Header, string? Value, Guid? Tenant)
{
    public void AddTo(HttpRequestMessage request)
    {
        if (Header == "Authorization")
        {
            request.Headers.Authorization = AuthenticationHeaderValue.Parse(Value!);
        }
        else if (Header is not null)
        {
            request.Headers.Add(Header, Value);
        }
    }
}
