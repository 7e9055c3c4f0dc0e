using Microsoft.Extensions.Configuration;

namespace ValidonX.AppHost.Running;

/// <summary>What would keep a stack from coming up is found before anything starts, and said in a sentence.</summary>
internal static class StartChecks
{
    public static IDistributedApplicationBuilder AddStartChecks(this IDistributedApplicationBuilder builder)
    {
        builder.OnBeforeStart(async (start, cancellation) =>
        {
            if (!builder.ExecutionContext.IsRunMode)
                return;

            await RequireParametersAsync(start.Model.Resources.OfType<ParameterResource>(), cancellation);
            if (!builder.Configuration.GetValue<bool>("DcpPublisher:RandomizePorts"))
                RequirePorts(start.Model.Resources);
        });
        return builder;
    }

    // Aspire waits, silently where no dashboard is, until somebody enters what is missing.
    private static async Task RequireParametersAsync(IEnumerable<ParameterResource> parameters, CancellationToken cancellation)
    {
        var missing = new List<string>();
        foreach (var parameter in parameters)
        {
            try
            {
                await parameter.GetValueAsync(cancellation);
            }
            catch (MissingParameterValueException)
            {
                missing.Add($"Parameters__{parameter.Name.Replace('-', '_')}");
            }
        }

        if (missing.Count > 0)
        {
            throw new DistributedApplicationException(
                $"{(missing.Count == 1 ? "A parameter is" : $"{missing.Count} parameters are")} missing, and nothing is made up outside development: set {string.Join(", ", missing)}.");
        }
    }

    // Aspire's proxy says nothing when its port is taken.
    private static void RequirePorts(IEnumerable<IResource> resources)
    {
        foreach (var resource in resources)
        {
            foreach (var endpoint in resource.Annotations.OfType<EndpointAnnotation>())
            {
                if (endpoint.Port is { } port && !Ports.IsFree(port))
                {
                    throw new DistributedApplicationException(
                        $"Port {port}, which '{resource.Name}' needs, is taken by another process: end that one first (ss -ltnp 'sport = :{port}' shows it).");
                }
            }
        }
    }
}
