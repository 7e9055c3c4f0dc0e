using Microsoft.Extensions.Options;

namespace ValidonX.Gateway.Resolution;

/// <summary>Reports everything that is wrong with <see cref="ResolutionOptions"/> at once.</summary>
internal sealed class ResolutionOptionsValidator : IValidateOptions<ResolutionOptions>
{
    public ValidateOptionsResult Validate(string? name, ResolutionOptions options)
    {
        var errors = new List<string>();
        if (options.BaseDomain is { Length: > 0 } domain && Uri.CheckHostName(domain) != UriHostNameType.Dns)
        {
            errors.Add($"Gateway:Resolution:BaseDomain '{domain}' is not a domain name.");
        }

        AboveZero(nameof(options.MaximumUnknown), options.MaximumUnknown);
        AboveZero(nameof(options.MaximumKeys), options.MaximumKeys);
        AboveZero(nameof(options.ConcurrentLookups), options.ConcurrentLookups);
        AboveZero(nameof(options.ConcurrentSuspectLookups), options.ConcurrentSuspectLookups);
        AboveZero(nameof(options.WaitingLookups), options.WaitingLookups);
        AboveZero(nameof(options.SuspectAfter), options.SuspectAfter);
        AboveZero(nameof(options.UnknownFor), options.UnknownFor.Ticks);
        AboveZero(nameof(options.LastUsedInterval), options.LastUsedInterval.Ticks);
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void AboveZero(string option, long value)
        {
            if (value <= 0)
            {
                errors.Add($"Gateway:Resolution:{option} must be above zero.");
            }
        }
    }
}
