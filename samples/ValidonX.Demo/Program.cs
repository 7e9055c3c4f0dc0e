// Fills a development stack with two demo tenants through its public API, once, and says how to use them.
using ValidonX.Demo;
using ValidonX.Hosting.Data;

var gateway = Required("Demo__Gateway").TrimEnd('/');
var email = Required("Demo__OperatorEmail");
var password = Required("Demo__OperatorPassword");
var folder = Directory.CreateDirectory(Required("Demo__Folder")).FullName;
var credentialsFile = Path.Combine(folder, "credentials.json");
var welcomeFile = Path.Combine(folder, "welcome.txt");

// The host prints the file when this program has ended well: an old one must not be taken for this start's.
File.Delete(welcomeFile);

using var http = new HttpClient { BaseAddress = new Uri(gateway), Timeout = TimeSpan.FromSeconds(30) };
var platform = new PlatformClient(http);
var known = Credentials.Load(credentialsFile).ToDictionary(tenant => tenant.Slug, StringComparer.Ordinal);

var operatorToken = await platform.LoginAsync(email, password);
foreach (var catalogue in Catalogue.LoadAll())
{
    var tenant = await platform.FindTenantAsync(operatorToken, catalogue.Slug)
        ?? await platform.CreateTenantAsync(operatorToken, catalogue.Tenant);
    var id = (string)tenant["id"]!;
    await platform.WaitUntilProvisionedAsync(operatorToken, id);

    if (!known.TryGetValue(catalogue.Slug, out var kept) || kept.TenantId != id)
    {
        known.Remove(catalogue.Slug);
        if (await platform.RevealAsync(operatorToken, id) is { } revealed)
        {
            Keep(new Credentials(catalogue.Slug, (string)tenant["name"]!, (string)tenant["plan"]!, id, revealed.ApiKey, revealed.BearerToken, Filled: false));
            Console.WriteLine($"Provisioned the demo tenant '{catalogue.Slug}'.");
        }
        else
        {
            Console.WriteLine($"The demo tenant '{catalogue.Slug}' is there, but its key was shown at an earlier start and is not kept in {folder}.");
        }
    }

    if (known.TryGetValue(catalogue.Slug, out var credentials) && !credentials.Filled)
    {
        await platform.FillAsync(credentials.BearerToken, catalogue);
        Keep(credentials with { Filled = true });
    }
}

PrivateFiles.Write(welcomeFile, Welcome.Compose(gateway, Environment.GetEnvironmentVariable("Demo__Portal"), Environment.GetEnvironmentVariable("Demo__BaseDomain"), email, password, [.. known.Values.OrderBy(tenant => tenant.Slug, StringComparer.Ordinal)]));

void Keep(Credentials credentials)
{
    known[credentials.Slug] = credentials;
    Credentials.Save(credentialsFile, [.. known.Values]);
}

static string Required(string name) =>
    Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"The environment variable {name} is missing: start the demo through the AppHost.");
