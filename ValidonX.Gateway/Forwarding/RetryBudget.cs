namespace ValidonX.Gateway.Forwarding;

/// <summary>
/// Bounds what sending again may add to a load that is too much already: a tenth of the requests that could be sent again, with ten in reserve (a token bucket
/// as in Finagle's RetryBudget and gRPC's retry throttling, gRFC A6). While all goes well it costs one read a request.
/// </summary>
internal sealed class RetryBudget
{
    private const int Cost = 10;
    private const int Most = 10 * Cost;

    private int _tokens = Most;

    /// <summary>A request was sent for the first time.</summary>
    public void Deposit()
    {
        var tokens = Volatile.Read(ref _tokens);
        while (tokens < Most)
        {
            var seen = Interlocked.CompareExchange(ref _tokens, tokens + 1, tokens);
            if (seen == tokens)
            {
                return;
            }

            tokens = seen;
        }
    }

    /// <summary>Whether one may be sent again; taken back by nothing but deposits.</summary>
    public bool TryWithdraw()
    {
        var tokens = Volatile.Read(ref _tokens);
        while (tokens >= Cost)
        {
            var seen = Interlocked.CompareExchange(ref _tokens, tokens - Cost, tokens);
            if (seen == tokens)
            {
                return true;
            }

            tokens = seen;
        }

        return false;
    }
}
