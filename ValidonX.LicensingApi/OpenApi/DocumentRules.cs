using System.Text.RegularExpressions;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace ValidonX.LicensingApi.OpenApi;

/// <summary>What the document says as a whole, and the examples, for which all schemas have to be there.</summary>
internal sealed partial class DocumentRules : IOpenApiDocumentTransformer
{
    public const string ApiKey = "apiKey";
    public const string Bearer = "bearer";
    public const string CustomerToken = "customerToken";

    private const string Introduction =
        """
        Licensing for software vendors. A vendor's **apps** validate licenses, take seats, check entitlements and record usage with an API key
        (`X-API-Key`); the vendor's **users** manage products, licenses and keys with a bearer token; **operators** run the platform.

        Every answer has one shape: `data` or `error`, and `meta` with the request's id. Refusals are told apart by `error.code`; `422
        VALIDATION.FAILED` reports all bad fields at once. Lists take `limit` and `cursor` and give `meta.next_cursor`. Writes take an
        `Idempotency-Key`. A target that is no route is `404 ROUTE.NOT_FOUND`, whatever stands in it; one that is too long is `414`. Unknown members and parameters are ignored. Times are UTC (RFC 3339), ids are UUIDs.

        The same API answers under `/v1` and `/api/v1`.
        """;

    [GeneratedRegex(@" \(CONTRACT [^)]*\)", RegexOptions.CultureInvariant)]
    private static partial Regex OurReferences { get; }

    private static readonly (string Name, string Description)[] Tags =
    [
        ("Integration", "What customer apps call, many times a second."),
        ("Licenses", "A tenant's licenses."),
        ("Bulk", "Many licenses at once: imports, exports, changes by a filter."),
        ("Usage", "What was used of metered entitlements, and the proof that it is counted right."),
        ("Metrics", "What callers of a tenant experience: requests, errors, refusals and times."),
        ("Activations", "The seats that are taken."),
        ("Offline", "Verdicts that apps verify without asking: leases, license files, the keys that sign them, and what was taken back."),
        ("Products", "What licenses are sold of."),
        ("API keys", "The keys of customer apps."),
        ("Webhooks", "Where the tenant is told of what happens, and what was told."),
        ("Members", "Who belongs to the tenant, and who is invited to."),
        ("Sign-in", "How users register, log in and get back in."),
        ("Single sign-on", "How the tenant's users sign in at an issuer of its own."),
        ("Audit log", "What happened, by whom and what it changed, and the proof that nobody has altered it since."),
        ("Feature flags", "What is switched on for whom."),
        ("Alerts", "What is wrong with a tenant, and from when on."),
        ("Branding", "How the tenant's pages look."),
        ("Customers", "What a tenant's customers call, by a host that names the tenant."),
        ("Domains", "The hosts under which customers reach the tenant's pages."),
        ("Compliance", "Where data may lie."),
        ("Settings", "How the tenant wants things to be."),
        ("Account", "The caller's own account."),
        ("Onboarding", "How a vendor signs up and comes to its first key."),
        ("Plans", "What tenants can choose."),
        ("Billing", "Subscriptions, invoices, payments and taxes."),
        ("Operator sessions", "How operators log in, get back in, and prove who they are."),
        ("Operators", "Who operates the platform."),
        ("Tenants", "Vendors on the platform, for operators."),
        ("Users", "Users of all tenants, for operators."),
        ("Mail", "What was mailed, for operators."),
        ("Jobs", "Work in the background, for operators."),
        ("Servers", "Where tenants' data lives, for operators."),
        ("API", "The API about itself."),
    ];

    /// <inheritdoc/>
    public Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info = new OpenApiInfo
        {
            Title = "ValidonX API",
            Version = "1",
            Description = Introduction,
            License = new OpenApiLicense { Name = "MIT", Identifier = "MIT" },
        };
        document.Servers = [new OpenApiServer { Url = "/", Description = "The gateway that served this document." }];
        var used = document.Paths.SelectMany(path => path.Value.Operations!.Values).SelectMany(operation => operation.Tags!).Select(tag => tag.Name).ToHashSet(StringComparer.Ordinal);
        var unknown = used.Except(Tags.Select(tag => tag.Name), StringComparer.Ordinal).ToList();
        document.Tags = unknown.Count == 0
            ? new HashSet<OpenApiTag>(Tags.Where(tag => used.Contains(tag.Name)).Select(tag => new OpenApiTag { Name = tag.Name, Description = tag.Description }))
            : throw new InvalidOperationException($"Groups of operations without a description: {string.Join(", ", unknown)}.");
        document.AddComponent(ApiKey, (IOpenApiSecurityScheme)new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            Name = "X-API-Key",
            In = ParameterLocation.Header,
            Description = "An API key: `vx_` and 64 hexadecimal digits.",
        });
        document.AddComponent(Bearer, (IOpenApiSecurityScheme)new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "A token of a user or an operator: `Authorization: Bearer <id>|<secret>`; or a JWT of the issuer where a tenant's users sign in.",
        });
        document.AddComponent(CustomerToken, (IOpenApiSecurityScheme)new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.ApiKey,
            Name = Customers.CustomerToken.Header,
            In = ParameterLocation.Header,
            Description = "The token of a customer's session.",
        });
        ParameterRules.AddTo(document);
        foreach (var schema in document.Components!.Schemas!.Values)
        {
            ForReaders(schema);
        }

        AddExamples(document);
        return Task.CompletedTask;
    }

    /// <summary>Leaves out of the docstrings what only speaks to those who read the code.</summary>
    private static void ForReaders(IOpenApiSchema schema)
    {
        if (schema is OpenApiSchema own)
        {
            own.Description = own.Description is { } text ? OurReferences.Replace(text, "") : null;
            foreach (var property in own.Properties?.Values ?? [])
            {
                ForReaders(property);
            }
        }
    }

    private static void AddExamples(OpenApiDocument document)
    {
        foreach (var operation in document.Paths.SelectMany(path => path.Value.Operations!.Values))
        {
            foreach (var content in (operation.RequestBody?.Content?.Values ?? []).Concat(operation.Responses!.Values.SelectMany(response => response.Content?.Values ?? [])))
            {
                if (content is { Schema: { } schema, Examples: null })
                {
                    content.Example = Samples.Of(schema);
                }
            }
        }
    }
}
