using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.Platform.Api;

namespace ValidonX.LicensingApi.Servers;

/// <summary>Database servers under <c>/v1/admin/servers</c> (CONTRACT §6).</summary>
internal static class ServerEndpoints
{
    public static void MapServers(this RouteGroupBuilder admin)
    {
        var servers = admin.MapGroup("/servers").WithTags("Servers");
        servers.MapGet("/", async (Query<ServerFilter> query, ServerStore store, CancellationToken cancellationToken) =>
                ApiResult.Page(await store.ListAsync(query.Value, cancellationToken), LicensingJson.Default.IReadOnlyListShownServer, nextCursor: null))
            .Is("listServers", "Lists the database servers with their load, by region and name.", Answers.Page<ShownServer>());
        servers.MapGet("/{name}", GetAsync).Is("getServer", "Shows a database server.", Answers.Ok<ServerAnswer>(), ApiErrors.ResourceNotFound);
        servers.MapPatch("/{name}", PatchAsync).Is(
            new Operation("changeServer", "Drains a database server, opens it again, or says how many tenants it takes.", [Answers.Ok<ServerAnswer>()])
            {
                Description = "What is absent stays. A drained server keeps its tenants and gets no new ones. A server is registered by the configuration of the provisioner, which has its "
                    + "administrator's login.",
                Errors = [ApiErrors.ResourceNotFound],
            });
    }

    private static async Task<IResult> GetAsync(string name, ServerStore store, CancellationToken cancellationToken) =>
        await store.FindAsync(name, cancellationToken) is { } server ? Show(server) : ApiResult.Error(ApiErrors.ResourceNotFound);

    private static Task<IResult> PatchAsync(HttpContext context, string name, Body<ServerChange> body, ServerStore store) =>
        store.ChangeAsync(name, body.Value, context.Change<ShownServer>("database_server.changed", null, Show));

    private static IApiResult Show(ShownServer server) => ApiResult.Ok(new ServerAnswer(server), LicensingJson.Default.ServerAnswer);
}
