using System.Data.Common;
using System.Net.Sockets;

namespace ValidonX.Platform.Databases;

/// <summary>The server errors that the code tells apart, by the numbers that MySQL and MariaDB share.</summary>
public static class DatabaseError
{
    /// <summary>The database did not do it, whatever the reason; the client tells some dropped connections as the network's failure.</summary>
    public static bool IsFailure(Exception exception) => exception is DbException or TimeoutException or SocketException;

    /// <summary>A unique key already holds the value (1062).</summary>
    public static bool IsDuplicateKey(Exception exception) => DatabaseClient.ErrorNumber(exception) == 1062;

    /// <summary>The row is needed by rows of another table (1217, 1451).</summary>
    public static bool IsReferenced(Exception exception) => DatabaseClient.ErrorNumber(exception) is 1217 or 1451;

    /// <summary>The account or its active role may not do this (1044, 1045, 1142, 1143, 1227, 1370).</summary>
    public static bool IsAccessDenied(Exception exception) =>
        DatabaseClient.ErrorNumber(exception) is 1044 or 1045 or 1142 or 1143 or 1227 or 1370;

    /// <summary>A role was asked for that does not exist or is not granted (1959 MariaDB, 3530 MySQL).</summary>
    public static bool IsUnknownRole(Exception exception) => DatabaseClient.ErrorNumber(exception) is 1959 or 3530;

    /// <summary>A subquery that may give one row gave more (1242).</summary>
    public static bool IsTooManyRows(Exception exception) => DatabaseClient.ErrorNumber(exception) == 1242;

    /// <summary>The database does not exist (1049).</summary>
    public static bool IsUnknownDatabase(Exception exception) => DatabaseClient.ErrorNumber(exception) == 1049;

    /// <summary>The table does not exist (1146): a tenant's database that the provisioner has yet to bring to the newest schema.</summary>
    public static bool IsUnknownTable(Exception exception) => DatabaseClient.ErrorNumber(exception) == 1146;

    /// <summary>The transaction lost against another one and may simply run again (1205 lock wait, 1213 deadlock, 1020 changed row).</summary>
    public static bool IsTransient(Exception exception) => DatabaseClient.ErrorNumber(exception) is 1205 or 1213 or 1020;

    /// <summary>The server stopped the statement because it was asked to (1317), which the client does when its caller gives up.</summary>
    public static bool IsInterrupted(Exception exception) => DatabaseClient.ErrorNumber(exception) == 1317;

    /// <summary>The session ended while it was used or before; what had been sent may have been done. A time-out is no loss.</summary>
    public static bool IsConnectionLost(Exception exception) =>
        exception is SocketException
        || (exception is DbException && (exception.InnerException is IOException or SocketException || DatabaseClient.ErrorNumber(exception) is 1053 or 1927 or 2006 or 2013 or 3169 or 4031));

    /// <summary>The server cannot be reached or is going away, rather than having refused a statement.</summary>
    public static bool IsUnavailable(Exception exception) =>
        exception is TimeoutException or SocketException
        || (exception is DbException && DatabaseClient.ErrorNumber(exception) is 0 or 1040 or 1042 or 1053 or 1077 or 1079 or 1152 or 1927 or 2002 or 2003 or 2006 or 2013 or 3169 or 4031);
}
