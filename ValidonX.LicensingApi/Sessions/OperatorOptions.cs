using System.ComponentModel.DataAnnotations;

namespace ValidonX.LicensingApi.Sessions;

/// <summary>Configuration section <c>Operator</c>: the account that every installation begins with. Without it none is made.</summary>
internal sealed class OperatorOptions : IValidatableObject
{
    /// <summary>The section's name.</summary>
    public const string Section = "Operator";

    private const int MinimumPasswordLength = 12;

    /// <summary>The operator's address.</summary>
    public string? Email { get; set; }

    /// <summary>The operator's password; changing it changes the account's.</summary>
    public string? Password { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (string.IsNullOrEmpty(Email) != string.IsNullOrEmpty(Password))
        {
            yield return new ValidationResult("Set both Operator:Email and Operator:Password, or neither.");
        }
        else if (Password is { Length: > 0 and < MinimumPasswordLength })
        {
            yield return new ValidationResult($"Operator:Password is shorter than {MinimumPasswordLength} characters.");
        }
    }
}
