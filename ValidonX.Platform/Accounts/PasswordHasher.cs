using Microsoft.AspNetCore.Identity;

namespace ValidonX.Platform.Accounts;

/// <summary>Passwords as the framework's PBKDF2-HMAC-SHA512 hashes with their own salt.</summary>
internal sealed class PasswordHasher
{
    private static readonly object Owner = new();
    private readonly PasswordHasher<object> _hasher = new();
    private readonly Lazy<string> _nobody;

    public PasswordHasher() => _nobody = new Lazy<string>(() => Hash(Guid.NewGuid().ToString()));

    /// <summary>What is stored.</summary>
    public string Hash(string password) => _hasher.HashPassword(Owner, password);

    /// <summary>
    /// Whether the password fits. Without a stored hash (no such account) it does the same work and answers no, so that
    /// the time taken does not tell which addresses have accounts.
    /// </summary>
    public bool Verify(string? storedHash, string password) =>
        _hasher.VerifyHashedPassword(Owner, storedHash ?? _nobody.Value, password) != PasswordVerificationResult.Failed
        && storedHash is not null;
}
