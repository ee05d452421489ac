namespace Edge.Hosting;

/// <summary>A certificate that options name cannot be used, so that the process cannot serve.</summary>
internal sealed class CertificateException(string message) : Exception(message);
