namespace ValidonX.Platform.Schema;

/// <summary>The table in which a database records the scripts it has had.</summary>
public sealed record SchemaHistory
{
    private SchemaHistory(string table) => Table = table;

    /// <summary>The platform database's.</summary>
    public static SchemaHistory Platform { get; } = new("schema_versions");

    /// <summary>A tenant database's.</summary>
    public static SchemaHistory Tenant { get; } = new("schema_migrations");

    /// <summary>The table's name.</summary>
    public string Table { get; }
}
