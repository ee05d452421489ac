namespace Edge.Certificates;

/// <summary>What an authority says about the renewal of a certificate (RFC 9773).</summary>
/// <param name="Window">When it is to be renewed; null if the authority does not say.</param>
/// <param name="AskAgainAfter">When to ask again; null if the authority does not say.</param>
/// <param name="Explanation">The address of a page that says why, if there is one.</param>
internal sealed record RenewalAdvice(RenewalWindow? Window, TimeSpan? AskAgainAfter, string? Explanation)
{
    private static readonly RenewalAdvice s_none = new(null, TimeSpan.FromDays(1), null);

    /// <param name="client">The authority.</param>
    /// <param name="certificate">The certificate, as bytes.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="AcmeException">The authority does not answer.</exception>
    internal static async Task<RenewalAdvice> AskAsync(AcmeClient client, byte[] certificate, CancellationToken cancellation)
    {
        AcmeObjects.Directory directory = await client.DirectoryAsync(cancellation);
        if (directory.RenewalInfo is not { IsAbsoluteUri: true } renewals || RenewalId.Of(certificate) is not { } id)
        {
            return s_none;
        }

        HttpsReply reply = await client.GetAsync(new Uri($"{renewals.AbsoluteUri.TrimEnd('/')}/{id}"), cancellation);
        AcmeObjects.RenewalInfo info = AcmeClient.Read(reply, AcmeJson.Default.RenewalInfo);
        RenewalWindow? window = info.SuggestedWindow is { } asked ? new RenewalWindow(asked.Start, asked.End) : null;
        return new RenewalAdvice(window, client.RetryAfterOf(reply), info.Explanation);
    }
}
