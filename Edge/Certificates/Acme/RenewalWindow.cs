namespace Edge.Certificates;

/// <summary>When an authority wants a certificate to be renewed (RFC 9773 §4.2).</summary>
/// <param name="Start">From here.</param>
/// <param name="End">To here; a time in the past asks for it at once.</param>
internal readonly record struct RenewalWindow(DateTimeOffset Start, DateTimeOffset End);
