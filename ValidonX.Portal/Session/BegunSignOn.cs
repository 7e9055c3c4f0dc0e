namespace ValidonX.Portal.Session;

/// <summary>
/// A sign-in at a company's issuer that this browser has begun. What the issuer sends back is good only together with it, so nobody can have somebody else's browser end a sign-in
/// that was not begun there, and be signed in as a stranger.
/// </summary>
internal static class BegunSignOn
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <summary>Keeps it.</summary>
    public static void Keep(HttpContext context, string attempt) => context.Response.Cookies.Append(Name(context), attempt, Options(context, Life));

    /// <summary>Takes it: it is good once.</summary>
    public static string? Take(HttpContext context)
    {
        var attempt = context.Request.Cookies[Name(context)];
        context.Response.Cookies.Append(Name(context), "", Options(context, TimeSpan.Zero));
        return attempt;
    }

    private static IHostEnvironment Environment(HttpContext context) => context.RequestServices.GetRequiredService<IHostEnvironment>();

    private static string Name(HttpContext context) => OwnCookies.Name("validonx-sso", Environment(context));

    private static CookieOptions Options(HttpContext context, TimeSpan life) => new()
    {
        HttpOnly = true,
        Secure = !Environment(context).IsDevelopment() || context.Request.IsHttps,
        // The issuer sends the browser here from its own page.
        SameSite = SameSiteMode.Lax,
        Path = "/",
        MaxAge = life,
        IsEssential = true,
    };
}
