using System.Data.Common;

namespace ValidonX.Platform.Databases;

/// <summary>The session ended in a place where the client tells it as a failure of the network and not of the database.</summary>
internal sealed class ConnectionLostException(Exception inner) : DbException("The database server ended the connection.", inner);
