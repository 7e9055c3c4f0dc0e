using ValidonX.LicensingApi.Fields;

namespace ValidonX.LicensingApi.DatabaseSizes;

/// <summary>How large a tenant's database is, as its server tells it at this moment.</summary>
/// <param name="Name">The database's name.</param>
/// <param name="Server">The server that it is on.</param>
/// <param name="Bytes">Data and indexes together.</param>
/// <param name="DataBytes">Data.</param>
/// <param name="IndexBytes">Indexes.</param>
/// <param name="Tables">How many tables there are.</param>
/// <param name="Largest">The largest tables, the largest first.</param>
/// <param name="MeasuredAt">When it was asked for.</param>
internal sealed record DatabaseSize(
    [property: Example("vx_tenant_acme_4f2a")] string Name,
    [property: Example("eu-1")] string Server,
    [property: Example("1277952")] long Bytes,
    [property: Example("819200")] long DataBytes,
    [property: Example("458752")] long IndexBytes,
    [property: Example("24")] int Tables,
    IReadOnlyList<TableSize> Largest,
    DateTimeOffset MeasuredAt);

/// <summary>How large a table is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Bytes">Data and indexes together.</param>
/// <param name="DataBytes">Data.</param>
/// <param name="IndexBytes">Indexes.</param>
/// <param name="Rows">How many rows the server believes it to have; an estimate.</param>
internal sealed record TableSize(
    [property: Example("license_keys")] string Name,
    [property: Example("81920")] long Bytes,
    [property: Example("49152")] long DataBytes,
    [property: Example("32768")] long IndexBytes,
    [property: Example("120")] long Rows);
