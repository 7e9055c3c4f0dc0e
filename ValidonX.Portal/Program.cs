using MudBlazor.Services;
using ValidonX.Portal.Components;
using ValidonX.Portal.Customers;
using ValidonX.Portal.Gateway;
using ValidonX.Portal.Session;
using ValidonX.ServiceDefaults;
using ValidonX.ServiceDefaults.Startup;

namespace ValidonX.Portal;

/// <summary>The pages for operators and vendors, and at tenants' hosts for their customers. All they know they learn from the gateway, with the token of whoever looks.</summary>
internal static class Program
{
    public static Task<int> Main(string[] args) => ServiceProcess.RunAsync(() => Build(args));

    /// <summary>Puts the portal together.</summary>
    /// <param name="args">The command line.</param>
    public static WebApplication Build(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        builder.AddServiceDefaults();
        builder.AddGatewayApi();
        builder.AddSessions();
        builder.AddTenantHosts();
        builder.Services.AddRazorComponents();
        builder.Services.AddMudServices();
        builder.Services.AddResponseCompression();

        var app = builder.Build();
        app.ValidateConfiguration();
        app.UseResponseCompression();
        app.UseExceptionHandler("/problem", createScopeForErrors: true);
        app.UseStatusCodePagesWithReExecute("/nothing-here");
        app.UsePageHeaders();
        app.UseAuthentication();
        app.UseTenantHosts();
        app.UseAuthorization();
        app.UseAntiforgery();
        app.UseFormsSentTwice();
        app.MapDefaultEndpoints(isPublic: true);
        app.MapStaticAssets();
        app.MapSessions();
        app.MapDownloads();
        app.MapCustomerFiles();
        app.MapRazorComponents<App>();
        return app;
    }
}
