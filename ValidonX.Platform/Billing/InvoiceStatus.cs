namespace ValidonX.Platform.Billing;

/// <summary>How an invoice stands, as stored and as shown. Its content never changes.</summary>
public enum InvoiceStatus
{
    /// <summary>To be paid.</summary>
    Open,

    /// <summary>Paid.</summary>
    Paid,

    /// <summary>Taken back; its number stays taken.</summary>
    Void,
}
