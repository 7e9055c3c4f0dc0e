using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;
using ValidonX.Platform.Accounts;

namespace ValidonX.LicensingApi.Customers;

/// <summary>
/// A handler's parameter that is the token of a customer's session. It has a header of its own: a bearer is somebody whom the gateway looks for among users and operators.
/// </summary>
/// <param name="Token">The token; <see langword="null"/> when there is none that could be one.</param>
internal sealed record CustomerToken(AccessToken? Token) : IBindableFromHttpContext<CustomerToken>, IEndpointParameterMetadataProvider
{
    /// <summary>The header's name.</summary>
    public const string Header = "X-Customer-Token";

    /// <inheritdoc/>
    public static ValueTask<CustomerToken?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        new(new CustomerToken(context.Request.Headers[Header] is [{ } text] && AccessToken.TryParse(text, out var token) ? token : null));

    /// <inheritdoc/>
    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => builder.Metadata.Add(new TakesCustomerToken());
}

/// <summary>Endpoint metadata: it is for who has a customer's session.</summary>
internal sealed record TakesCustomerToken;
