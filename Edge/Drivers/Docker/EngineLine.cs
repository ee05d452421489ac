using System.Globalization;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Docker.DotNet;
using Docker.DotNet.LegacyHttp;
using Docker.DotNet.Models;
using Docker.DotNet.Unix;
using Edge.Fleet;
using Version = System.Version;

namespace Edge.Drivers;

/// <summary>
/// The line to a Docker engine, which all that look at it share: the version that both speak, one connection for the events of all, and one list for those
/// that ask for the same at the same time. From any thread.
/// </summary>
/// <param name="endpoint">unix:///path or tcp://host:port.</param>
/// <param name="callTimeout">How long a call may take that is neither a stop nor a pull; 30 s by default.</param>
internal sealed class EngineLine(Uri endpoint, TimeSpan? callTimeout = null) : IDisposable
{
    // Edge speaks the newest version of the API that both sides know. This is the newest version whose fields were checked here, and the oldest one
    // that current engines accept.
    private static readonly Version s_checked = new(1, 44);

    private readonly SharedCalls<IList<ContainerListResponse>> _lists = new();
    private readonly SemaphoreSlim _negotiation = new(1, 1);
    private volatile DockerClient? _client;
    private volatile Version _spoken = s_checked;
    private SharedEvents? _events;
    private string _engine = "";

    internal Uri Endpoint => endpoint;

    /// <summary>How long a call may take that is neither a stop nor a pull.</summary>
    internal TimeSpan CallTimeout { get; } = callTimeout ?? TimeSpan.FromSeconds(30);

    /// <summary>The version of the API that was negotiated.</summary>
    internal Version Spoken => _spoken;

    /// <summary>How long the engine may take to say its version. That takes it no work, so a hanging engine is noticed soon.</summary>
    internal TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Negotiates the version again, because the engine may have been upgraded. Returns the engine's version.</summary>
    internal Task<string> NegotiateAsync(CancellationToken cancellation) => NegotiateAsync(anew: true, cancellation);

    /// <summary>Negotiates the version, if that was not done yet or is to be done anew.</summary>
    internal async Task<string> NegotiateAsync(bool anew, CancellationToken cancellation)
    {
        await _negotiation.WaitAsync(cancellation);
        try
        {
            if (!anew && _client is not null)
            {
                return _engine;
            }

            using DockerClient asking = Client(null);
            VersionResponse engine = await AskVersionAsync(asking, cancellation);
            Version newest = Version.TryParse(engine.APIVersion, out Version? parsed) ? parsed : s_checked;
            Version oldest = Version.TryParse(engine.MinAPIVersion, out parsed) ? parsed : newest;
            Version chosen = newest < s_checked ? newest : oldest > s_checked ? oldest : s_checked;

            // The old client is not disposed: a call may be under way on it, and it holds no connection between calls.
            (_client, _spoken) = (Client(chosen), chosen);
            return _engine = $"engine {engine.Version}, API {chosen}";
        }
        finally
        {
            _negotiation.Release();
        }
    }

    private async Task<VersionResponse> AskVersionAsync(DockerClient asking, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AnswerTimeout);
        try
        {
            return await TryAsync(c => asking.System.GetVersionAsync(c), patience.Token);
        }
        catch (OperationCanceledException late) when (!cancellation.IsCancellationRequested)
        {
            throw new DriverException(DriverFailure.Unavailable, UnreachableEngine.WordsOf(Endpoint, late, AnswerTimeout), late);
        }
    }

    /// <summary>The containers that a filter finds, running or not. Callers of one moment share one call.</summary>
    /// <param name="key">The filter, as <c>label</c>.</param>
    /// <param name="value">What it looks for.</param>
    /// <param name="cancellation">Calls the wait off; the call itself has its own time.</param>
    internal Task<IList<ContainerListResponse>> FindAsync(string key, string value, CancellationToken cancellation)
    {
        var filter = new ContainersListParameters
        {
            All = true,
            Filters = new Dictionary<string, IDictionary<string, bool>> { [key] = new Dictionary<string, bool> { [value] = true } },
        };
        return _lists.RunAsync($"{key}={value}", c => CallAsync((d, c2) => d.Containers.ListContainersAsync(filter, c2), c), cancellation);
    }

    /// <summary>Events of containers and networks. It yields null first: from that moment on no event is missed. All listeners share one connection.</summary>
    internal IAsyncEnumerable<ContainerEvent?> EventsAsync(CancellationToken cancellation) =>
        LazyInitializer.EnsureInitialized(ref _events, () => new SharedEvents(MonitorAsync)).ListenAsync(cancellation);

    private async IAsyncEnumerable<ContainerEvent?> MonitorAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        await NegotiateAsync(cancellation);

        // The engine begins to answer before it has subscribed the caller. It keeps the events in between and sends them later, because a time is
        // given.
        TimeSpan since = DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch;
        var parameters = new ContainerEventsParameters
        {
            Since = string.Create(CultureInfo.InvariantCulture, $"{(long)since.TotalSeconds}.{since.Ticks % TimeSpan.TicksPerSecond * 100:D9}"),
            Filters = new Dictionary<string, IDictionary<string, bool>>
            {
                ["type"] = new Dictionary<string, bool> { ["container"] = true, ["network"] = true },
            },
        };
        yield return null;

        var events = new EngineEvents();
        Task monitoring = MonitorAsync(parameters, events, cancellation);
        await foreach (ContainerEvent happened in events.Reader.ReadAllAsync(cancellation))
        {
            yield return happened;
        }

        await monitoring;
        throw new DriverException(DriverFailure.Unavailable, $"the engine at {Endpoint} ended its events");
    }

    public void Dispose()
    {
        _client?.Dispose();
        _negotiation.Dispose();
    }

    private async Task MonitorAsync(ContainerEventsParameters parameters, EngineEvents events, CancellationToken cancellation)
    {
        try
        {
            await CallAsync(async (d, c) => { await d.System.MonitorEventsAsync(parameters, events, c); return true; }, cancellation);
        }
        finally
        {
            events.Writer.TryComplete();
        }
    }

    /// <summary>Makes a call with the client, which is made at the first one.</summary>
    internal async Task<T> CallAsync<T>(Func<DockerClient, CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        if (_client is null)
        {
            await NegotiateAsync(anew: false, cancellation);
        }

        return await TryAsync(c => call(_client!, c), cancellation);
    }

    /// <summary>Makes a call, and puts the reason into the engine's words if it fails.</summary>
    internal async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellation)
    {
        try
        {
            return await call(cancellation);
        }
        catch (Exception) when (cancellation.IsCancellationRequested)
        {
            // The library wraps a cancellation in the exception that it caused.
            throw new OperationCanceledException(cancellation);
        }
        catch (DockerApiException refused)
        {
            throw new DriverException(DriverFailure.Failed, EngineError.WordsOf(refused.ResponseBody, refused.StatusCode), refused);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or SocketException or OperationCanceledException or JsonException)
        {
            throw new DriverException(DriverFailure.Unavailable, UnreachableEngine.WordsOf(Endpoint, failed, CallTimeout), failed);
        }
    }

    private DockerClient Client(Version? version)
    {
        DockerClientBuilder builder = new DockerClientBuilder(new DockerConfig()).WithEndpoint(Endpoint).WithTimeout(CallTimeout).WithApiVersion(version);
        return Endpoint.Scheme == "unix"
            ? builder.WithTransportOptions(new UnixSocketTransportOptions { ConfigureHandler = h => h.UseProxy = false }).Build()
            : builder.WithTransportOptions(new LegacyHttpTransportOptions { ConfigureHandler = h => h.UseProxy = false }).Build();
    }
}
