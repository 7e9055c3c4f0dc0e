namespace ValidonX.LicensingApi.Bulk;

/// <summary>What an import may be like at most.</summary>
internal static class ImportLimits
{
    /// <summary>Rows that are taken in together, in one transaction. No more than changes travel in one message to the other replicas.</summary>
    public const int BatchRows = 500;

    /// <summary>Bytes of rows that are taken in together, so that a batch fits into one message to the database.</summary>
    public const int BatchBytes = 1024 * 1024;

    /// <summary>Characters (CSV) or bytes (JSON lines) of one row.</summary>
    public const int RowLength = 256 * 1024;

    /// <summary>Columns of a CSV.</summary>
    public const int Columns = 256;

    /// <summary>Fields of a row of which is told what is wrong.</summary>
    public const int ErrorFields = 20;

    /// <summary>Rows of one import.</summary>
    public const int Rows = 1_000_000;

    /// <summary>Imports of one tenant that run at once in this process.</summary>
    public const int OfTenant = 2;

    /// <summary>Imports that run at once in this process.</summary>
    public const int Together = 8;

    /// <summary>How long an import's account is kept, and its key known.</summary>
    public static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>After which an import of which nothing is heard is shown as interrupted.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);
}
