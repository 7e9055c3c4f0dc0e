namespace ValidonX.Platform.Schema;

/// <summary>A schema script cannot be applied to the rows that are there. Nothing was changed; the message says which rows, and what to do.</summary>
public sealed class SchemaBlockedException(string message) : Exception(message);
