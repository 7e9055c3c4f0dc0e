using Microsoft.Extensions.Options;

namespace ValidonX.Provisioner.Mail;

/// <summary>Reports all that is wrong with <see cref="MailOptions"/> at once.</summary>
internal sealed class MailOptionsValidator : IValidateOptions<MailOptions>
{
    public ValidateOptionsResult Validate(string? name, MailOptions options) =>
        options.Problems().ToList() is { Count: > 0 } problems ? ValidateOptionsResult.Fail(problems) : ValidateOptionsResult.Success;
}
