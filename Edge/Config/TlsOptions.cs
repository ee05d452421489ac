namespace Edge.Config;

/// <summary>TLS for clients.</summary>
internal sealed record TlsOptions
{
    /// <summary>off, on, or a port.</summary>
    public string Redirect
    {
        get;
        set
        {
            OptionValues.Require(value, OptionValues.ParseRedirect(value));
            field = value;
        }
    } = "off";

    public TimeSpan Hsts { get; set; }

    public bool HstsSubdomains { get; set; }

    /// <summary>
    /// The parsed <see cref="Redirect"/>: the port at which clients find https; 0 for that of the first listener of https, null for no redirect.
    /// </summary>
    internal int? RedirectPort() => OptionValues.ParseRedirect(Redirect) is >= 0 and var port ? port : null;
}
