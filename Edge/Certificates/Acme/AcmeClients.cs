using Edge.Config;
using Edge.Io;
using Edge.Telemetry;

namespace Edge.Certificates;

/// <summary>The client of the authority, for as long as there is work for it: the roots that it believes take more memory than all else.</summary>
internal sealed class AcmeClients(AcmeOptions options, AcmeStore store, string agent, TimeProvider time, Log log) : IDisposable
{
    private readonly SemaphoreSlim _making = new(1);
    private AcmeClient? _client;

    /// <exception cref="AcmeException">The account's key, or the roots, cannot be read.</exception>
    internal async Task<AcmeClient> GetAsync(CancellationToken cancellation)
    {
        await _making.WaitAsync(cancellation);
        try
        {
            return _client ??= await MakeAsync(cancellation);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or TlsException or FormatException)
        {
            throw new AcmeException(failed.Message, failed);
        }
        finally
        {
            _making.Release();
        }
    }

    /// <summary>There is no work for it now.</summary>
    internal void Release()
    {
        AcmeClient? client = Interlocked.Exchange(ref _client, null);
        client?.Dispose();
        client?.Key.Dispose();
    }

    public void Dispose()
    {
        Release();
        _making.Dispose();
    }

    private async Task<AcmeClient> MakeAsync(CancellationToken cancellation)
    {
        SigningKey key = await store.AccountAsync(time, cancellation);
        var client = new AcmeClient(
            new HttpsClient(new TlsClientContext(TrustRoots.Read(options.Roots)), agent), options.DirectoryUri(), key, options.Email, time);
        client.AccountOpened += (terms, isNew) =>
        {
            if (isNew)
            {
                log.Warning(
                    "acme_account_made", ("authority", options.DirectoryUri().Authority), ("terms_agreed_to", terms?.AbsoluteUri), ("key_in", store.Folder));
            }
        };
        return client;
    }
}
