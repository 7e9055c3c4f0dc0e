using System.Text.Json.Serialization;

namespace ValidonX.Platform.Billing;

/// <summary>What of an invoice is kept as JSON.</summary>
[JsonSerializable(typeof(InvoiceParty))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
public sealed partial class BillingJson : JsonSerializerContext;
