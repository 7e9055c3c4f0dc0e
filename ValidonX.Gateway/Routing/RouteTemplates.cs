using System.Collections.Frozen;
using System.Diagnostics;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing.Patterns;

namespace ValidonX.Gateway.Routing;

/// <summary>
/// Names the route of a path for telemetry, so that spans and metrics tell routes apart and never hold a license key or an id. The
/// licensing API routes; the gateway only has to know its templates. A path with none gets its group's.
/// </summary>
internal static class RouteTemplates
{
    /// <summary>Every template of the licensing API (CONTRACT §3, §6).</summary>
    public static readonly IReadOnlyList<string> All =
    [
        "/.well-known/jwks.json", "/.well-known/revocations", "/auth/login", "/auth/logout", "/auth/me", "/auth/passkey/login",
        "/auth/forgot-password", "/auth/invitations/accept", "/auth/password", "/auth/reset-password",
        "/auth/passkey/options", "/auth/passkeys", "/auth/passkeys/options", "/auth/passkeys/{id}", "/auth/two-factor", "/auth/two-factor/confirm",
        "/auth/two-factor/recovery-codes", "/docs", "/docs/scalar.js", "/docs/start.js", "/openapi/v1.json", "/v1/account", "/v1/account/email",
        "/v1/account/export", "/v1/account/invitations", "/v1/account/invitations/{invitationId}", "/v1/account/invitations/{invitationId}/accept",
        "/v1/account/passkeys", "/v1/account/passkeys/options", "/v1/account/passkeys/{id}", "/v1/account/password", "/v1/account/profile",
        "/v1/account/tenants", "/v1/account/tenants/{tenantId}", "/v1/account/tokens", "/v1/account/tokens/{tokenId}", "/v1/account/two-factor",
        "/v1/account/two-factor/confirm", "/v1/account/two-factor/recovery-codes", "/v1/admin/alerts", "/v1/admin/alerts/{id}",
        "/v1/admin/alerts/{id}/acknowledge", "/v1/admin/alerts/{id}/close", "/v1/admin/audit-logs", "/v1/admin/audit-logs/export",
        "/v1/admin/audit-logs/verify", "/v1/admin/compliance-rules", "/v1/admin/compliance-rules/{code}", "/v1/admin/feature-flags",
        "/v1/admin/feature-flags/{key}", "/v1/admin/invoices", "/v1/admin/invoices/{id}", "/v1/admin/invoices/{id}/fail",
        "/v1/admin/invoices/{id}/html", "/v1/admin/invoices/{id}/pay", "/v1/admin/invoices/{id}/void", "/v1/admin/jobs", "/v1/admin/jobs/{id}",
        "/v1/admin/jobs/{id}/cancel", "/v1/admin/jobs/{id}/retry", "/v1/admin/metrics", "/v1/admin/metrics/tenants", "/v1/admin/operators", "/v1/admin/operators/{id}",
        "/v1/admin/operators/{id}/disable", "/v1/admin/operators/{id}/enable", "/v1/admin/operators/{id}/resend", "/v1/admin/outbox", "/v1/admin/payments", "/v1/admin/payments/{id}",
        "/v1/admin/payments/{id}/credit", "/v1/admin/plans", "/v1/admin/plans/{code}", "/v1/admin/plans/{code}/alert-thresholds",
        "/v1/admin/plans/{code}/alert-thresholds/effective", "/v1/admin/provisioning", "/v1/admin/servers", "/v1/admin/servers/{name}",
        "/v1/admin/tax-rates", "/v1/admin/tax-rates/{id}", "/v1/admin/tenants", "/v1/admin/tenants/{id}",
        "/v1/admin/tenants/{id}/alert-thresholds", "/v1/admin/tenants/{id}/alert-thresholds/effective", "/v1/admin/tenants/{id}/api-key/reissue",
        "/v1/admin/tenants/{id}/api-key/reveal", "/v1/admin/tenants/{id}/api-keys", "/v1/admin/tenants/{id}/api-keys/{keyId}/rate-limit",
        "/v1/admin/tenants/{id}/close", "/v1/admin/tenants/{id}/compliance", "/v1/admin/tenants/{id}/database",
        "/v1/admin/tenants/{id}/domains", "/v1/admin/tenants/{id}/domains/{domainId}", "/v1/admin/tenants/{id}/events", "/v1/admin/tenants/{id}/flush-caches",
        "/v1/admin/tenants/{id}/members", "/v1/admin/tenants/{id}/metrics", "/v1/admin/tenants/{id}/provision", "/v1/admin/tenants/{id}/rate-limits",
        "/v1/admin/tenants/{id}/reactivate", "/v1/admin/tenants/{id}/slow-queries", "/v1/admin/tenants/{id}/subscription", "/v1/admin/tenants/{id}/subscription/cancel",
        "/v1/admin/tenants/{id}/subscription/change-plan", "/v1/admin/tenants/{id}/subscription/pause", "/v1/admin/tenants/{id}/subscription/resume",
        "/v1/admin/tenants/{id}/subscription/unpause", "/v1/admin/tenants/{id}/suspend", "/v1/admin/tenants/{id}/tokens",
        "/v1/admin/tenants/{id}/tokens/{tokenId}", "/v1/admin/users/{id}/two-factor", "/v1/auth/email/change", "/v1/auth/email/resend",
        "/v1/auth/email/verify", "/v1/auth/forgot-password", "/v1/auth/invitations/accept", "/v1/auth/login", "/v1/auth/logout",
        "/v1/auth/passkey/login", "/v1/auth/passkey/options", "/v1/auth/register", "/v1/auth/reset-password", "/v1/auth/sso/complete",
        "/v1/auth/sso/start", "/v1/billing/checkout", "/v1/billing/details", "/v1/billing/invoices", "/v1/billing/invoices/{id}",
        "/v1/billing/invoices/{id}/html", "/v1/billing/portal", "/v1/billing/stripe/events", "/v1/billing/subscription",
        "/v1/billing/subscription/cancel", "/v1/billing/subscription/change-plan", "/v1/billing/subscription/resume", "/v1/customer/activations/{id}", "/v1/customer/branding",
        "/v1/customer/codes", "/v1/customer/license", "/v1/customer/logo", "/v1/customer/sessions", "/v1/integration/activations",
        "/v1/integration/activations/{id}", "/v1/integration/activations/{id}/heartbeat",
        "/v1/integration/activations/{id}/validate", "/v1/integration/entitlements/check", "/v1/integration/licenses/{licenseKey}/validate",
        "/v1/integration/licensing/resolve", "/v1/integration/usage/batch", "/v1/integration/usage/record", "/v1/onboarding/provision",
        "/v1/onboarding/provision/{tenantId}", "/v1/onboarding/provision/{tenantId}/api-key/reveal", "/v1/onboarding/provision/{tenantId}/events",
        "/v1/plans", "/v1/tenant/activations", "/v1/tenant/activations/{id}", "/v1/tenant/alerts", "/v1/tenant/alerts/{id}/acknowledge",
        "/v1/tenant/api-keys", "/v1/tenant/api-keys/{id}",
        "/v1/tenant/api-keys/{id}/rotate", "/v1/tenant/audit-logs", "/v1/tenant/audit-logs/export", "/v1/tenant/audit-logs/verify",
        "/v1/tenant/branding", "/v1/tenant/branding/logo", "/v1/tenant/compliance", "/v1/tenant/domains", "/v1/tenant/domains/{id}", "/v1/tenant/domains/{id}/verify", "/v1/tenant/feature-flags", "/v1/tenant/licenses",
        "/v1/tenant/licenses/bulk", "/v1/tenant/licenses/bulk/{id}", "/v1/tenant/licenses/bulk/{id}/cancel", "/v1/tenant/licenses/export", "/v1/tenant/licenses/import",
        "/v1/tenant/licenses/imports", "/v1/tenant/licenses/imports/{id}", "/v1/tenant/licenses/imports/{id}/errors",
        "/v1/tenant/licenses/{id}", "/v1/tenant/licenses/{id}/entitlements", "/v1/tenant/licenses/{id}/file", "/v1/tenant/licenses/{id}/files",
        "/v1/tenant/licenses/{id}/files/{fileId}/revoke", "/v1/tenant/licenses/{id}/policy", "/v1/tenant/licenses/{id}/reinstate",
        "/v1/tenant/licenses/{id}/renew",
        "/v1/tenant/licenses/{id}/revoke", "/v1/tenant/licenses/{id}/suspend", "/v1/tenant/licenses/{id}/transfer", "/v1/tenant/members", "/v1/tenant/members/{id}",
        "/v1/tenant/members/{id}/resend", "/v1/tenant/metrics", "/v1/tenant/products", "/v1/tenant/products/{id}", "/v1/tenant/products/{id}/policy", "/v1/tenant/settings", "/v1/tenant/signing-keys",
        "/v1/tenant/signing-keys/rotate", "/v1/tenant/signing-keys/{id}/revoke", "/v1/tenant/sso", "/v1/tenant/sso/check", "/v1/tenant/sso/users",
        "/v1/tenant/sso/users/{id}", "/v1/tenant/usage/events", "/v1/tenant/usage/reconcile", "/v1/tenant/usage/snapshots",
        "/v1/tenant/webhooks", "/v1/tenant/webhooks/deliveries/{id}", "/v1/tenant/webhooks/deliveries/{id}/redeliver", "/v1/tenant/webhooks/{id}",
        "/v1/tenant/webhooks/{id}/deliveries", "/v1/tenant/webhooks/{id}/replay", "/v1/tenant/webhooks/{id}/rotate-secret", "/v1/tenant/webhooks/{id}/test",
    ];

    private static readonly Node Root = Build([.. All, .. Groups.Select(group => group + "/{*rest}")]);

    private static string[] Groups =>
        ["/auth", "/v1/auth", "/v1/account", "/v1/onboarding", "/v1/billing", "/v1/plans", "/v1/integration", "/v1/tenant", "/v1/admin", "/v1/customer"];

    /// <summary>Finds the request's template, and gives it to the framework's telemetry if anybody listens.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">Its decoded path, without the alias.</param>
    public static string Name(HttpContext context, ReadOnlySpan<char> path)
    {
        var endpoint = Find(path);
        if (Activity.Current is not null || context.Features.Get<IHttpMetricsTagsFeature>() is not null)
        {
            context.SetEndpoint(endpoint);
        }

        return endpoint?.DisplayName ?? "/{*rest}";
    }

    /// <summary>The endpoint that stands for the path's template; it is never invoked.</summary>
    /// <param name="path">The decoded path, without the alias.</param>
    public static Endpoint? Find(ReadOnlySpan<char> path)
    {
        var node = Root;
        var rest = Root.Rest;
        for (var at = path; !at.IsEmpty;)
        {
            // Every segment begins with its slash.
            at = at[1..];
            var slash = at.IndexOf('/');
            var segment = slash < 0 ? at : at[..slash];
            at = slash < 0 ? [] : at[slash..];
            if (!node.Names.TryGetValue(segment, out var next))
            {
                next = segment.IsEmpty ? null : node.Parameter;
            }

            if (next is null)
            {
                return rest;
            }

            node = next;
            rest = node.Rest ?? rest;
        }

        return node.Endpoint ?? rest;
    }

    private static Node Build(IEnumerable<string> templates) => Build([.. templates.Select(template => (template, template.Split('/')[1..]))], depth: 0);

    private static Node Build((string Template, string[] Segments)[] templates, int depth)
    {
        var here = templates.Where(template => template.Segments.Length == depth).Select(template => template.Template).SingleOrDefault();
        var below = templates.Where(template => template.Segments.Length > depth).ToLookup(template => template.Segments[depth][0] == '{');
        var parameters = below[true].ToLookup(template => template.Segments[depth].StartsWith("{*", StringComparison.Ordinal));
        var names = below[false]
            .GroupBy(template => template.Segments[depth])
            .ToFrozenDictionary(group => group.Key, group => Build([.. group], depth + 1), StringComparer.Ordinal);
        return new Node(
            names.GetAlternateLookup<ReadOnlySpan<char>>(),
            parameters[false].Any() ? Build([.. parameters[false]], depth + 1) : null,
            here is null ? null : EndpointOf(here),
            parameters[true].Select(template => EndpointOf(template.Template)).SingleOrDefault());
    }

    private static RouteEndpoint EndpointOf(string template) =>
        new(static _ => Task.CompletedTask, RoutePatternFactory.Parse(template), order: 0, new EndpointMetadataCollection(new Named(template)), template);

    private sealed record Named(string Route) : IRouteDiagnosticsMetadata;

    private sealed record Node(
        FrozenDictionary<string, Node>.AlternateLookup<ReadOnlySpan<char>> Names,
        Node? Parameter,
        Endpoint? Endpoint,
        Endpoint? Rest);
}
