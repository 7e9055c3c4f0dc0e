using System.Collections;
using System.Data.Common;

namespace ValidonX.Platform.Databases.Unblocked;

/// <summary>
/// See <see cref="UnblockedDataSource"/>. Rows follow the first one without a pause, so reading them does not leave the thread; what runs a further
/// statement, or reads the rest of the answer away, does.
/// </summary>
internal sealed class UnblockedReader(DbDataReader inner) : DbDataReader
{
    private bool _isAtEnd;

    public override int Depth => inner.Depth;

    public override int FieldCount => inner.FieldCount;

    public override bool HasRows => inner.HasRows;

    public override bool IsClosed => inner.IsClosed;

    public override int RecordsAffected => inner.RecordsAffected;

    public override object this[int ordinal] => inner[ordinal];

    public override object this[string name] => inner[name];

    public override bool Read()
    {
        var hasRow = inner.Read();
        _isAtEnd = !hasRow;
        return hasRow;
    }

    public override bool NextResult()
    {
        _isAtEnd = false;
        return inner.NextResult();
    }

    public override Task<bool> NextResultAsync(CancellationToken cancellationToken) => BlockingThreads.Shared.RunAsync(NextResult, cancellationToken);

    public override void Close() => inner.Close();

    public override Task CloseAsync() =>
        BlockingThreads.Shared.RunAsync(inner.Close, CancellationToken.None);

    public override async ValueTask DisposeAsync()
    {
        // What follows a statement's last row has come with it.
        if (!inner.IsClosed && !_isAtEnd)
        {
            await CloseAsync();
        }

        await base.DisposeAsync();
    }

    public override bool GetBoolean(int ordinal) => inner.GetBoolean(ordinal);

    public override byte GetByte(int ordinal) => inner.GetByte(ordinal);

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) =>
        inner.GetBytes(ordinal, dataOffset, buffer, bufferOffset, length);

    public override char GetChar(int ordinal) => inner.GetChar(ordinal);

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) =>
        inner.GetChars(ordinal, dataOffset, buffer, bufferOffset, length);

    public override string GetDataTypeName(int ordinal) => inner.GetDataTypeName(ordinal);

    public override DateTime GetDateTime(int ordinal) => inner.GetDateTime(ordinal);

    public override decimal GetDecimal(int ordinal) => inner.GetDecimal(ordinal);

    public override double GetDouble(int ordinal) => inner.GetDouble(ordinal);

    public override IEnumerator GetEnumerator() => inner.GetEnumerator();

    public override Type GetFieldType(int ordinal) => inner.GetFieldType(ordinal);

    public override float GetFloat(int ordinal) => inner.GetFloat(ordinal);

    public override Guid GetGuid(int ordinal) => inner.GetGuid(ordinal);

    public override short GetInt16(int ordinal) => inner.GetInt16(ordinal);

    public override int GetInt32(int ordinal) => inner.GetInt32(ordinal);

    public override long GetInt64(int ordinal) => inner.GetInt64(ordinal);

    public override string GetName(int ordinal) => inner.GetName(ordinal);

    public override int GetOrdinal(string name) => inner.GetOrdinal(name);

    public override string GetString(int ordinal) => inner.GetString(ordinal);

    public override object GetValue(int ordinal) => inner.GetValue(ordinal);

    public override int GetValues(object[] values) => inner.GetValues(values);

    public override bool IsDBNull(int ordinal) => inner.IsDBNull(ordinal);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
