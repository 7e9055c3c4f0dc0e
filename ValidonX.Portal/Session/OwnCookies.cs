using Microsoft.AspNetCore.Authentication.Cookies;

namespace ValidonX.Portal.Session;

/// <summary>How the portal's cookies are: sealed, the host's alone, not for scripts.</summary>
internal static class OwnCookies
{
    /// <summary>A cookie's name. Outside development its prefix forbids that another host of the same domain sets it.</summary>
    public static string Name(string name, IHostEnvironment environment) => environment.IsDevelopment() ? name : $"__Host-{name}";

    /// <summary>Whether cookies go over TLS only. In development they go over plain HTTP, too.</summary>
    public static CookieSecurePolicy Secure(IHostEnvironment environment) => environment.IsDevelopment() ? CookieSecurePolicy.SameAsRequest : CookieSecurePolicy.Always;

    /// <summary>Makes a sign-in's cookie such a one.</summary>
    /// <param name="options">The cookie's.</param>
    /// <param name="name">What it is called in development.</param>
    /// <param name="life">How long it is good; using it does not prolong it.</param>
    /// <param name="environment">Whether this is development.</param>
    public static void AreFor(this CookieAuthenticationOptions options, string name, TimeSpan life, IHostEnvironment environment)
    {
        options.Cookie.Name = Name(name, environment);
        options.Cookie.SecurePolicy = Secure(environment);
        options.Cookie.HttpOnly = true;
        options.Cookie.SameSite = SameSiteMode.Lax;
        options.ExpireTimeSpan = life;
        options.SlidingExpiration = false;
    }
}
