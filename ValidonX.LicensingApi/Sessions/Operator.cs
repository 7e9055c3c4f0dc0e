namespace ValidonX.LicensingApi.Sessions;

/// <summary>A row of <c>admins</c>, without the password.</summary>
internal sealed record Operator
{
    /// <summary>The columns that Dapper maps onto this record.</summary>
    public const string Columns = "id, name, email, created_at, updated_at";

    public Guid Id { get; init; }

    public string Name { get; init; } = "";

    public string Email { get; init; } = "";

    public DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }
}

/// <summary>The answer to a login.</summary>
internal sealed record LoginAnswer(string Token, Operator Admin);

/// <summary>The answer to "who am I?".</summary>
/// <param name="Admin">The operator.</param>
/// <param name="TwoFactor">Whether signing in takes a second factor.</param>
internal sealed record OperatorAnswer(Operator Admin, bool TwoFactor);
