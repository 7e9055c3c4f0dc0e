using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Orchestration;

/// <summary>Asks every parameter for its value before anything starts, so that all that are missing are named at once.</summary>
internal static class RequiredParameters
{
    /// <exception cref="DistributedApplicationException">At least one has none.</exception>
    public static async Task CheckAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        var parameters = model.Resources.Select(resource => resource as ParameterResource ?? (resource as ExternalConnectionString)?.Value)
            .OfType<ParameterResource>();
        var missing = new List<(ParameterResource Parameter, MissingParameterValueException Reason)>();
        foreach (var parameter in parameters)
        {
            try
            {
                await parameter.GetValueAsync(cancellationToken);
            }
            catch (MissingParameterValueException exception)
            {
                missing.Add((parameter, exception));
            }
        }

        if (missing.Count == 1)
            throw missing[0].Reason;

        if (missing.Count > 1)
        {
            var names = missing.Select(entry => entry.Parameter.ConfigurationKey.Replace(":", "__", StringComparison.Ordinal).Replace('-', '_'));
            throw new MissingParameterValueException(
                $"{missing.Count} parameters are missing: set {string.Join(", ", names)} in the environment, or the same keys in configuration.");
        }
    }
}
