namespace ValidonX.Platform.Schema;

/// <summary>A schema script was edited after it had been applied; the mend is a new script with the next number.</summary>
public sealed class SchemaChangedException(SchemaScript script) : Exception(
    $"The schema script {script.Number:0000}_{script.Name} is not the text that was applied to this database. "
    + "Restore it and write the change as a new script.");
