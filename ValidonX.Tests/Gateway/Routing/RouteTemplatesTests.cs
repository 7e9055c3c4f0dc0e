using Microsoft.AspNetCore.Routing;
using ValidonX.Gateway.Routing;

namespace ValidonX.Tests.Gateway.Routing;

/// <summary>How spans and metrics name a request: by its route, never by what a caller put into the path.</summary>
public sealed class RouteTemplatesTests
{
    [Theory]
    [InlineData("/v1/integration/licenses/AAAA-BBBB/validate", "/v1/integration/licenses/{licenseKey}/validate")]
    [InlineData("/v1/integration/licenses/products/validate", "/v1/integration/licenses/{licenseKey}/validate")]
    [InlineData("/v1/integration/licenses/AAAA-BBBB", "/v1/integration/{*rest}")]
    [InlineData("/v1/integration/activations", "/v1/integration/activations")]
    [InlineData("/v1/tenant/licenses/0198c8a0-7b3e-7000-8000-000000000001/revoke", "/v1/tenant/licenses/{id}/revoke")]
    [InlineData("/v1/tenant/licenses/a/b/c/d", "/v1/tenant/{*rest}")]
    [InlineData("/v1/tenant/licenses/", "/v1/tenant/{*rest}")]
    [InlineData("/v1/tenant/jo@example.com", "/v1/tenant/{*rest}")]
    [InlineData("/v1/admin/tenants/x/suspend", "/v1/admin/tenants/{id}/suspend")]
    [InlineData("/auth/login", "/auth/login")]
    [InlineData("/v1/plans", "/v1/plans")]
    [InlineData("/secret/path", null)]
    [InlineData("/", null)]
    public void A_path_is_named_by_its_template(string path, string? template) =>
        Assert.Equal(template, (RouteTemplates.Find(path) as RouteEndpoint)?.RoutePattern.RawText);

    [Fact]
    public async Task Every_route_of_the_licensing_api_has_its_template_at_the_gateway()
    {
        await using var api = ValidonX.LicensingApi.Program.Build(["--environment=Development"]);
        var routes = ((IEndpointRouteBuilder)api).DataSources
            .SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>()
            .Select(endpoint => "/" + endpoint.RoutePattern.RawText!.Trim('/'))
            .Where(route => route is not ("/health" or "/alive"))
            .Distinct()
            .Order(StringComparer.Ordinal);

        Assert.Equal(RouteTemplates.All.Order(StringComparer.Ordinal), routes);
    }
}
