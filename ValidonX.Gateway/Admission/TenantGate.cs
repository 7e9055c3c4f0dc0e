namespace ValidonX.Gateway.Admission;

/// <summary>Counts one tenant's requests under way, and those of all tenants, against their limits. Never waits.</summary>
/// <param name="maximum">Most requests at once.</param>
/// <param name="whole">The gate of the whole gateway, passed after this one.</param>
internal sealed class TenantGate(int maximum, TenantGate? whole = null)
{
    private int _underWay;

    /// <summary>Requests under way.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>Takes a place; <see langword="false"/> when all are taken. Every success needs one <see cref="Leave"/>.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _underWay) <= maximum && (whole is null || whole.TryEnter()))
        {
            return true;
        }

        Interlocked.Decrement(ref _underWay);
        return false;
    }

    /// <summary>Gives the place back.</summary>
    public void Leave()
    {
        Interlocked.Decrement(ref _underWay);
        whole?.Leave();
    }
}
