namespace ValidonX.LicensingApi.Bulk;

/// <summary>Rows that are taken in together.</summary>
/// <param name="digest">The digest of the rows before them.</param>
internal sealed class ImportBatch(byte[] digest)
{
    private int _bytes;

    /// <summary>How many rows come before them.</summary>
    public long Before { get; init; }

    /// <summary>The rows.</summary>
    public List<ReadRow> Rows { get; } = [];

    /// <summary>How many rows there are with these.</summary>
    public long End => Before + Rows.Count;

    /// <summary>Whether they are as many as go together.</summary>
    public bool IsFull => Rows.Count == ImportLimits.BatchRows || _bytes >= ImportLimits.BatchBytes;

    /// <summary>Adds the next one.</summary>
    public void Add(ReadRow row, int bytes)
    {
        Rows.Add(row);
        _bytes += bytes;
    }

    /// <summary>The digest of the first so many rows of the whole import, of which at least those before these.</summary>
    public byte[] DigestAt(long count) => count == Before ? digest : Rows[(int)(count - Before) - 1].Digest;

    /// <summary>The rows behind the first so many of the whole import.</summary>
    public IEnumerable<ReadRow> Behind(long count) => Rows.Skip((int)(count - Before));
}
