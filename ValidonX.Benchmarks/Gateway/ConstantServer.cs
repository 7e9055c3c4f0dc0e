namespace ValidonX.Benchmarks.Gateway;

/// <summary>The floor: an endpoint that answers every request with the same bytes, as long as a validate answer.</summary>
internal static class ConstantServer
{
    private static readonly byte[] Body =
        """{"data":{"valid":true,"license":{"id":"01890000-0000-7000-8000-000000000000","key":"XXXX-XXXX-XXXX-XXXX","type":"perpetual","status":"active","expires_at":null,"entitlements":{"export":true,"seats":10}}},"meta":{"request_id":"01890000-0000-7000-8000-000000000000","api_version":"1"}}"""u8.ToArray();

    /// <summary>Serves until the process ends.</summary>
    public static Task ServeAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenLocalhost(port);
        });
        var app = builder.Build();
        app.Run(context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Body.Length;
            return context.Response.Body.WriteAsync(Body).AsTask();
        });
        return app.RunAsync();
    }
}
