namespace Edge.Drivers;

/// <summary>The address at which the Docker engine listens.</summary>
internal static class DockerEndpoint
{
    private const string Standard = "unix:///var/run/docker.sock";

    /// <summary>The address from the environment of this process, by the variables of Docker's own client.</summary>
    /// <param name="isNamed">Whether the environment names an engine, even if it cannot be used.</param>
    /// <param name="mistake">Why there is no result.</param>
    internal static Uri? OfProcess(out bool isNamed, out string mistake)
    {
        string? host = Environment.GetEnvironmentVariable("DOCKER_HOST");
        isNamed = !string.IsNullOrEmpty(host);
        return Read(host, Environment.GetEnvironmentVariable("DOCKER_TLS_VERIFY"), out mistake);
    }

    /// <param name="host">DOCKER_HOST; null or empty for the engine of this machine.</param>
    /// <param name="tlsVerify">DOCKER_TLS_VERIFY; any text asks for TLS.</param>
    /// <param name="mistake">Why there is no result.</param>
    internal static Uri? Read(string? host, string? tlsVerify, out string mistake)
    {
        string text = string.IsNullOrEmpty(host) ? Standard : host;
        bool isTls = !string.IsNullOrEmpty(tlsVerify) || text.StartsWith("https:", StringComparison.OrdinalIgnoreCase);
        bool isUnix = text.StartsWith("unix:///", StringComparison.Ordinal);
        if (isTls && !isUnix)
        {
            mistake = $"DOCKER_HOST is \"{text}\" with TLS, which is not supported yet; "
                + "allowed are unix:///path and tcp://host:port without TLS (as of a socket proxy on the same host)";
            return null;
        }

        bool isTcp = text.StartsWith("tcp://", StringComparison.Ordinal) || text.StartsWith("http://", StringComparison.Ordinal);
        if (!(isUnix || isTcp) || !Uri.TryCreate(text, UriKind.Absolute, out Uri? endpoint))
        {
            mistake = $"DOCKER_HOST is \"{text}\"; allowed are unix:///path and tcp://host:port";
            return null;
        }

        mistake = "";
        return endpoint;
    }
}
