using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.LicensingApi.Callers;
using ValidonX.LicensingApi.Endpoints;

namespace ValidonX.Tests.LicensingApi.OpenApi;

/// <summary>The API's document is complete, the one in docs/ is the one that the code makes, and its explorer needs no other host.</summary>
[Collection(LicensingCollection.Name)]
public sealed class ApiDocumentTests(LicensingPlatform platform)
{
    [Fact]
    public async Task The_document_in_docs_is_the_one_that_the_code_makes() => RepositoryFile.ShouldBe("docs/openapi.json", Indented(await DocumentAsync()));

    [Fact]
    public async Task Every_endpoint_is_in_it_under_a_name_of_its_own()
    {
        var document = await DocumentAsync();
        var documented = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => $"{operation.Key.ToUpperInvariant()} {path.Key}")).Order(StringComparer.Ordinal);
        var mapped = Endpoints().SelectMany(endpoint => endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {Pattern(endpoint)}")).Order(StringComparer.Ordinal);

        Assert.Equal(mapped, documented);
        var names = Operations(document).Select(operation => (string)operation["operationId"]!).ToList();
        Assert.Equal(names.Count, names.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Every_endpoint_that_is_not_public_names_a_line_of_the_permission_table()
    {
        foreach (var endpoint in Endpoints().Where(endpoint => endpoint.Metadata.GetMetadata<ValidonX.Platform.Routes.ApiRoute>()!.Kind is not (ValidonX.Platform.Routes.RouteKind.Public or ValidonX.Platform.Routes.RouteKind.Login)))
        {
            Assert.Contains(endpoint.Metadata.GetMetadata<CallerRequirement>(), Permissions.All);
        }
    }

    [Fact]
    public async Task Every_operation_says_what_it_does_takes_answers_and_refuses_with_examples()
    {
        var document = await DocumentAsync();
        foreach (var operation in Operations(document))
        {
            var name = (string)operation["operationId"]!;
            Assert.True(((string?)operation["summary"])?.EndsWith('.'), name);
            Assert.NotEmpty(operation["tags"]!.AsArray());
            foreach (var (status, answer) in operation["responses"]!.AsObject())
            {
                var response = (string?)answer!["$ref"] is { } shared ? document["components"]!["responses"]![shared.Split('/')[^1]] : answer;
                Assert.False(string.IsNullOrEmpty((string?)response!["description"]), $"{name} {status}");
                if (response["content"]?["application/json"] is { } content && name != "getOpenApi")
                {
                    Assert.True(content["example"] is not null || content["examples"] is not null, $"{name} {status}: an example");
                    Assert.True(content["schema"] is not null, $"{name} {status}: a schema");
                }
            }
        }
    }

    [Fact]
    public async Task No_schema_says_anything_goes_but_where_it_does()
    {
        var document = await DocumentAsync();
        var open = new List<string>();
        foreach (var (name, schema) in document["components"]!["schemas"]!.AsObject())
        {
            foreach (var (property, rule) in schema!["properties"]?.AsObject() ?? [])
            {
                if (rule is JsonObject { } known && !known.ContainsKey("type") && !known.ContainsKey("$ref") && !known.ContainsKey("oneOf") && !known.ContainsKey("enum"))
                {
                    open.Add($"{name}.{property}");
                }
            }
        }

        Assert.Equal(["CheckedFeature.value"], open);
    }

    [Fact]
    public async Task It_is_asked_for_again_only_when_it_has_changed()
    {
        using var first = await SendAsync("/openapi/v1.json");
        using var second = await SendAsync("/openapi/v1.json", first.Headers.ETag!.ToString());

        Assert.Equal("application/json", first.Content.Headers.ContentType!.MediaType);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task The_explorer_and_its_scripts_are_served_here_and_name_no_other_host()
    {
        using var page = await SendAsync("/docs");
        var html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal("text/html", page.Content.Headers.ContentType!.MediaType);
        Assert.Contains("script-src 'self'", page.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("//", html.Replace("<!doctype", "", StringComparison.Ordinal), StringComparison.Ordinal);
        foreach (var script in new[] { "/docs/scalar.js", "/docs/start.js" })
        {
            Assert.Contains(script, html, StringComparison.Ordinal);
            using var answer = await SendAsync(script);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("text/javascript", answer.Content.Headers.ContentType!.MediaType);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string? entityTag = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add(
            "X-ValidonX-Internal-Context",
            platform.Sign(new ValidonX.Platform.Callers.CallerContext { Kind = ValidonX.Platform.Callers.CallerKind.Anonymous, ExpiresAt = LicensingPlatform.InAMinute }, "GET", path));
        if (entityTag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", entityTag);
        }

        return await platform.Replicas[0].Client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private async Task<JsonNode> DocumentAsync()
    {
        using var answer = await SendAsync("/openapi/v1.json");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    private IEnumerable<RouteEndpoint> Endpoints() =>
        platform.Replicas[0].Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.GetMetadata<Operation>() is not null);

    private static string Pattern(RouteEndpoint endpoint) => endpoint.RoutePattern.RawText!.TrimEnd('/');

    private static IEnumerable<JsonNode> Operations(JsonNode document) => document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(operation => operation.Value!));

    private static string Indented(JsonNode document) =>
        document.ToJsonString(new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
}
