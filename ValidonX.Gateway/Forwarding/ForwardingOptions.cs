namespace ValidonX.Gateway.Forwarding;

/// <summary>Configuration section <c>Gateway:Forwarding</c>: patience with the destinations.</summary>
internal sealed class ForwardingOptions
{
    /// <summary>Longest wait for a TCP connection to a destination.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest silence of a destination, before the answer begins or within it; then 504.</summary>
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Most destinations that one request is sent to, where sending it again is safe.</summary>
    public int MaximumAttempts { get; set; } = 3;

    /// <summary>How long a destination that refused a connection is left alone.</summary>
    public TimeSpan ReactivationPeriod { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Time between two active health probes of each destination.</summary>
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait for a probe's answer.</summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A file with the CA of destinations whose certificates are none of the machine's CAs'; no other is then believed.</summary>
    public string CertificateAuthority { get; set; } = "";
}
