using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;
using ValidonX.Platform.Domains;
using ValidonX.Platform.Mail;

namespace ValidonX.LicensingApi.Domains;

/// <summary>Configuration section <c>Domains</c>.</summary>
internal sealed class DomainOptions
{
    /// <summary>The section's name.</summary>
    public const string Section = "Domains";

    /// <summary>The domain under which every tenant has a subdomain: the gateway's <c>Gateway:Resolution:BaseDomain</c>. No tenant can claim it or what is below it.</summary>
    public string? BaseDomain { get; set; }

    /// <summary>The name servers that are asked, as <c>address</c> or <c>address:port</c>; the machine's own where there are none.</summary>
    public IList<string> NameServers { get; init; } = [];

    /// <summary>How long one look-up may take.</summary>
    public TimeSpan LookupTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Most look-ups at once; beyond, callers are told to come again.</summary>
    [Range(1, 1_000)]
    public int ConcurrentLookups { get; set; } = 8;

    /// <summary>Most domains of a tenant, verified or not.</summary>
    [Range(1, 1_000)]
    public int MostPerTenant { get; set; } = 10;

    /// <summary>The name servers as the resolver takes them.</summary>
    internal IReadOnlyList<IPEndPoint> Endpoints() =>
        [.. NameServers.Select(IPEndPoint.Parse).Select(server => server.Port == 0 ? new IPEndPoint(server.Address, DnsPort) : server)];

    private const int DnsPort = 53;

    /// <summary>Reports everything that is wrong at once.</summary>
    internal sealed class Validator : IValidateOptions<DomainOptions>
    {
        public ValidateOptionsResult Validate(string? name, DomainOptions options)
        {
            var errors = options.NameServers.Where(server => !IPEndPoint.TryParse(server, out _))
                .Select(server => $"{Section}:NameServers: '{server}' is no IP address with or without a port.")
                .ToList();
            if (options.BaseDomain is { Length: > 0 } domain && Uri.CheckHostName(domain) != UriHostNameType.Dns)
            {
                errors.Add($"{Section}:BaseDomain '{domain}' is not a domain name.");
            }

            if (options.LookupTimeout <= TimeSpan.Zero || options.LookupTimeout > TimeSpan.FromSeconds(20))
            {
                errors.Add($"{Section}:LookupTimeout must be above zero and at most 20 seconds: the caller waits.");
            }

            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}

/// <summary>The hosts that are the platform's own.</summary>
internal sealed class OwnHosts(IOptions<DomainOptions> options, IOptions<MailLinkOptions> links)
{
    private readonly string[] _domains =
        [.. ((string?[])[options.Value.BaseDomain, new Uri(links.Value.PublicUrl).IdnHost]).Where(domain => domain is { Length: > 0 }).Select(domain => domain!.Trim('.').ToLowerInvariant())];

    /// <summary>Whether it is one of them, or below.</summary>
    public bool Contain(HostName host) => _domains.Any(host.IsWithin);
}
