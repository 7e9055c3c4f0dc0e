namespace ValidonX.Platform.Databases;

/// <summary>A database server is configured so that it could not keep tenants apart; no tenant is put there.</summary>
public sealed class UnsuitableServerException(string server, string setting) : Exception(
    $"The database server '{server}' runs with {setting}=ON, under which tenants cannot be kept apart: turn it off.");
