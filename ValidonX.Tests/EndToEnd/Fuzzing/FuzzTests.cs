using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ValidonX.Tests.EndToEnd.Fuzzing;

/// <summary>
/// Calls every operation that the API's document has with values that its schemas allow, nearly allow and do not, with every kind of credential, through
/// both gateways: nothing is a 5xx, every answer is one that the document promises, and nothing of one tenant is seen or touched by another. Every usual run
/// sends the same; <c>VALIDONX_FUZZ_REQUESTS</c> makes a longer one with a seed of its own, which each message tells and <c>VALIDONX_FUZZ_SEED</c> repeats.
/// </summary>
public sealed partial class FuzzTests
{
    private const int UsualRequests = 2_000;
    private const int UsualSeed = 20261127;

    // Each attempt counts against the address that all tests share, so that more would lock the suite's operator out.
    private static readonly HashSet<string> Throttled = ["logInOperator", "forgotOperatorPassword", "resetOperatorPassword", "acceptOperatorInvitation", "logIn", "register", "resendVerification", "forgotPassword", "verifyEmail", "resetPassword", "acceptInvitation", "confirmEmail", "sendCustomerCode", "openCustomerSession"];
    private const int ThrottledRequests = 2;

    private static readonly JsonSerializerOptions Lenient = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [GeneratedRegex(@"\{(?<name>\w+)\}", RegexOptions.CultureInvariant)]
    private static partial Regex Parameter { get; }

    [Fact]
    public async Task Whatever_is_sent_the_API_keeps_its_promises()
    {
        var stack = await Stack.GetAsync();
        var api = await ApiDescription.ReadAsync(stack.Gateways[0]);
        var isLong = int.TryParse(Environment.GetEnvironmentVariable("VALIDONX_FUZZ_REQUESTS"), CultureInfo.InvariantCulture, out var asked);
        var requests = isLong ? asked : UsualRequests;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("VALIDONX_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given) ? given
            : isLong ? Random.Shared.Next()
            : UsualSeed;
        var random = new Random(seed);
        var mutations = new Mutations(api, random);
        var world = await FuzzWorld.CreateAsync(stack, api);
        var broken = new List<string>();
        var sent = new Dictionary<string, int>(StringComparer.Ordinal);
        var operations = api.Operations.ToList();
        for (var number = 0; number < requests && broken.Count < 20; number++)
        {
            var operation = operations[number % operations.Count];
            if (Throttled.Contains(operation.Id) && sent.GetValueOrDefault(operation.Id) >= ThrottledRequests)
            {
                continue;
            }

            sent[operation.Id] = sent.GetValueOrDefault(operation.Id) + 1;
            var credential = world.Credentials[random.Next(world.Credentials.Count)];
            if (random.Next(2) == 0)
            {
                credential = world.RightOneFor(operation, world.Second);
            }

            if ((operation.Id == "logOutOperator" && credential.Name == "operator") || (operation.Id == "logOut" && credential.Tenant is not null))
            {
                // It would end the token of the whole suite, or of the test.
                continue;
            }

            using var request = Build(operation, mutations, random, world, credential);
            var sentBody = request.Content is null ? "" : await request.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            using var response = await stack.Gateways[random.Next(stack.Gateways.Count)].SendAsync(request, TestContext.Current.CancellationToken);
            var status = (int)response.StatusCode;
            var body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            var problem = status >= 500 ? "a server error"
                : IsNoRoute(status, body) ? null
                : api.Violation(operation, status, body) is { } violation ? violation
                : status < 300 && world.IsForeign(credential, request.RequestUri!.OriginalString, sentBody) ? "another tenant's id was let through"
                : world.Leak(credential, body);
            if (problem is not null)
            {
                broken.Add($"{problem}: {operation} as {credential.Name} {Short(request.RequestUri!.OriginalString)} {Short(sentBody)} → {status} {Short(body)}");
            }
        }

        Assert.True(broken.Count == 0, $"seed {seed}:\n{string.Join("\n", broken)}");
        Assert.All(operations, operation => Assert.True(sent.GetValueOrDefault(operation.Id) > 0, operation.Id));
    }

    [Fact]
    public async Task Ids_of_another_tenant_are_answered_like_ids_that_nothing_has()
    {
        var stack = await Stack.GetAsync();
        var api = await ApiDescription.ReadAsync(stack.Gateways[0]);
        var world = await FuzzWorld.CreateAsync(stack, api);
        var compared = 0;
        foreach (var operation in api.Operations.Where(operation => !operation.IsOperators && operation.Security is not null && Parameter.IsMatch(operation.Path)))
        {
            var credential = world.RightOneFor(operation, world.Second);
            var (foreignStatus, foreign) = await AskAsync(world.PathOf(operation, world.First));
            var (unknownStatus, unknown) = await AskAsync(world.PathOf(operation, null));

            Assert.True(foreignStatus is 404 or 422, $"{operation}: {foreignStatus} {foreign}");
            Assert.Equal((operation.ToString(), unknownStatus, Code(unknown)), (operation.ToString(), foreignStatus, Code(foreign)));
            compared++;

            async Task<(int Status, string Body)> AskAsync(string path)
            {
                using var request = new HttpRequestMessage(new HttpMethod(operation.Method), path);
                credential.AddTo(request);
                if (operation.Example is { } example)
                {
                    request.Content = Json(FuzzWorld.Fresh(example));
                }

                using var response = await stack.Gateways[0].SendAsync(request, TestContext.Current.CancellationToken);
                return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
            }
        }

        Assert.True(compared >= 10, $"Only {compared} operations take an id.");
    }

    private static HttpRequestMessage Build(ApiOperation operation, Mutations mutations, Random random, FuzzWorld world, Credential credential)
    {
        var path = random.Next(4) switch
        {
            0 => world.PathOf(operation, null),
            1 => Parameter.Replace(operation.Path, _ => Uri.EscapeDataString(mutations.HostileText().Replace("\ud83d", "x", StringComparison.Ordinal)).ToLowerInvariant()),
            2 => world.PathOf(operation, world.First),
            _ => world.PathOf(operation, world.Second),
        };
        var query = operation.Query.Where(_ => random.Next(2) == 0)
            .Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(mutations.QueryValue(parameter.Schema).Replace("\ud83d", "x", StringComparison.Ordinal))}").ToList();
        var request = new HttpRequestMessage(new HttpMethod(operation.Method), new Uri(query.Count == 0 ? path : $"{path}?{string.Join('&', query)}", UriKind.Relative));
        credential.AddTo(request);
        if (operation.Example is not null && random.Next(20) != 0)
        {
            var body = Hidden(operation, mutations.Body(operation));
            request.Content = random.Next(3) == 0 ? Json(body) : Json(FuzzWorld.Fresh(body));
            if (random.Next(40) == 0)
            {
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
            }
        }

        if (random.Next(5) == 0)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", random.Next(3) == 0 ? new string('k', 300) : $"key-{random.Next(50)}");
        }

        return request;
    }

    /// <summary>Plans that anyone sees would be offered to every other test of the suite, and be the default of some: those made here are nobody's to see.</summary>
    private static JsonNode? Hidden(ApiOperation operation, JsonNode? body)
    {
        if (operation.Path.StartsWith("/v1/admin/plans", StringComparison.Ordinal) && body is JsonObject plan)
        {
            plan["public"] = false;
        }

        return body;
    }

    private static StringContent Json(JsonNode? body)
    {
        // The writer refuses lone surrogates, which a hostile caller can send as an escape.
        string text;
        try
        {
            text = body is null ? "null" : body.ToJsonString(Lenient);
        }
        catch (Exception lone) when (lone is ArgumentException or InvalidOperationException)
        {
            text = """{"name":"\ud83d"}""";
        }

        return new StringContent(text, Encoding.UTF8, "application/json");
    }

    /// <summary>A target that is no route of the API, or too long to be looked at, is refused before any operation is known.</summary>
    private static bool IsNoRoute(int status, string body) =>
        (status, Code(body)) is (404, "ROUTE.NOT_FOUND") or (405, "ROUTE.METHOD_NOT_ALLOWED") or (400, "REQUEST.MALFORMED") or (414, "REQUEST.TOO_LARGE");

    private static string? Code(string body) => !body.StartsWith("{\"error\"", StringComparison.Ordinal) ? null : (string?)JsonNode.Parse(body)!["error"]?["code"];

    private static string Short(string text) => text.Length <= 300 ? text : text[..300] + "…";
}
