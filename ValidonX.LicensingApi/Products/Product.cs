using Microsoft.OpenApi;
using ValidonX.LicensingApi.Fields;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Products;

/// <summary>A row of <c>products</c>: what a vendor sells licenses of.</summary>
internal sealed record Product
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, code, name, key_prefix, status, policy AS policy_text, metadata, created_at, updated_at";

    public Guid Id { get; init; }

    /// <summary>The vendor's own short name for it, unique.</summary>
    public string Code { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>What generated license keys begin with, if anything.</summary>
    public string? KeyPrefix { get; init; }

    public string Status { get; init; } = "active";

    /// <summary>The rules of its licenses.</summary>
    public Policy Policy { get; init; } = Policy.None;

    /// <summary><see cref="Policy"/> as stored.</summary>
    public string? PolicyText { init => Policy = Policy.Parse(value); }

    /// <summary>A JSON object.</summary>
    public string Metadata { get; init; } = "{}";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    /// <summary>As its vendor sees it.</summary>
    public ShownProduct Show() => new(Id, Code, Name, KeyPrefix, Status, Policy, new RawJson(Metadata), CreatedAt);
}

/// <summary>A product as its vendor sees it.</summary>
internal sealed record ShownProduct(
    Guid Id,
    [property: Example("editor")] string Code,
    [property: Example("ACME Editor")] string Name,
    [property: Example("ACME")] string? KeyPrefix,
    [property: Words("active")] string Status,
    Policy Policy,
    [property: Shape(JsonSchemaType.Object)]
    [property: Example("""{"sku": "42"}""")] RawJson Metadata,
    DateTimeOffset CreatedAt);

/// <summary>The answer that holds one product.</summary>
internal sealed record ProductAnswer(ShownProduct Product);
