using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using ValidonX.Portal.Gateway;

namespace ValidonX.Portal.Session;

/// <summary>Signing in and out. A session is a sealed cookie that scripts cannot read; the portal itself keeps nothing.</summary>
internal static class Sessions
{
    private const string Scheme = CookieAuthenticationDefaults.AuthenticationScheme;

    /// <summary>Adds them.</summary>
    public static void AddSessions(this WebApplicationBuilder builder)
    {
        builder.Services.AddHttpContextAccessor();
        builder.Services.AddCascadingAuthenticationState();
        builder.Services
            .AddAuthentication(Scheme)
            .AddCookie(Scheme, options =>
            {
                options.AreFor("validonx", TimeSpan.FromHours(12), builder.Environment);
                options.LoginPath = "/sign-in";
                options.AccessDeniedPath = "/nothing-here";
            });
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(Who.Operators, policy => policy.RequireAssertion(context => Who.Is(context.User, Who.Operators)))
            .AddPolicy(Who.Vendors, policy => policy.RequireAssertion(context => Who.Is(context.User, Who.Vendors)));
        builder.Services.AddAntiforgery(options => options.Cookie.SecurePolicy = OwnCookies.Secure(builder.Environment));
        var protection = builder.Services.AddDataProtection().SetApplicationName("ValidonX.Portal");
        if (builder.Configuration["Portal:KeysFolder"] is { Length: > 0 } folder)
        {
            protection.PersistKeysToFileSystem(new(folder));
        }
    }

    /// <summary>Whoever is signed in from now on.</summary>
    public static Task SignInAsync(this HttpContext context, Who who) => context.SignInAsync(Scheme, who.ToPrincipal(Scheme));

    /// <summary>Nobody is signed in from now on.</summary>
    public static Task ForgetAsync(this HttpContext context) => context.SignOutAsync(Scheme);

    /// <summary>The way out, at which the token ends at the gateway, too; and the way from one company of a user's to another.</summary>
    public static void MapSessions(this WebApplication app)
    {
        // Forms that are no components' are looked at here: a page of another site has no token for them.
        var forms = app.MapGroup("").AddEndpointFilter(async (call, next) =>
            await call.HttpContext.RequestServices.GetRequiredService<IAntiforgery>().IsRequestValidAsync(call.HttpContext) ? await next(call) : Results.BadRequest());
        forms.MapPost("/sign-out", async (HttpContext context, GatewayApi gateway) =>
        {
            await gateway.PostAsync<object>(Who.Of(context.User)?.IsOperator == true ? "/auth/logout" : "/v1/auth/logout");
            await context.SignOutAsync(Scheme);
            return Results.LocalRedirect("/sign-in");
        });
        forms.MapPost("/tenants/{id:guid}/enter", async (Guid id, HttpContext context, GatewayApi gateway) =>
        {
            // Only what the gateway says is theirs.
            var own = await gateway.GetAsync<IReadOnlyList<OwnTenant>>("/v1/account/tenants?limit=100");
            if (own.Data?.FirstOrDefault(one => one.Id == id.ToString()) is not { } tenant)
            {
                return Results.LocalRedirect("/tenants");
            }

            await context.SignInAsync(Who.Of(context.User)! with { TenantId = tenant.Id, TenantName = tenant.Name, Role = tenant.Role });
            return Results.LocalRedirect("/dashboard");
        }).RequireAuthorization(Who.Vendors);
    }
}
