using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Edge.Config;
using Edge.Contract;
using Edge.Control;

namespace Edge.Cli;

/// <summary>The client verbs: one call of the REST contract each, printed for people.</summary>
/// <param name="output">Gets the answer.</param>
/// <param name="errors">Gets the errors.</param>
/// <param name="terminal">Where the output goes.</param>
internal sealed class Client(TextWriter output, TextWriter errors, Terminal terminal)
{
    // A heartbeat that takes longer has failed. A change may take as long as a drain, and the balancer bounds it.
    private static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(3);

    /// <summary>Makes the call of a verb. Returns the exit code.</summary>
    /// <param name="arguments">The verb and what follows it.</param>
    /// <param name="target">The balancer.</param>
    /// <param name="cancellation">Ends the call.</param>
    internal async Task<int> RunAsync(ClientArguments arguments, ClientTarget target, CancellationToken cancellation)
    {
        Uri url = target.Url;
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        using var client = new HttpClient(handler);
        client.Timeout = arguments.Verb == "healthcheck" ? HeartbeatTimeout : Timeout.InfiniteTimeSpan;
        if (target.Token.Length > 0)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", target.Token);
        }

        try
        {
            if (arguments.Verb == "deploy")
            {
                return await new DeployVerb(client, output, errors).RunAsync(arguments, url, cancellation);
            }

            (HttpStatusCode status, byte[] body) = await CallAsync(client, arguments, url, cancellation);
            if (arguments.Verb != "top" || arguments.Json || !terminal.IsTerminal || status != HttpStatusCode.OK)
            {
                int code = Print(arguments, status, body);
                if (status == HttpStatusCode.Unauthorized)
                {
                    await errors.WriteLineAsync($"edge: {AboutToken(arguments.Verb, target.TokenOrigin)}");
                }

                return code;
            }

            StatusReport first = JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeStatusReport)!.Message;
            if (Narrowed(arguments, first) is not { } shown)
            {
                return ExitCodes.Refused;
            }

            await new Top(output, terminal, cancelled => ReadStatusAsync(client, arguments, url, cancelled)).RunAsync(shown, cancellation);
            return ExitCodes.Ok;
        }
        catch (HttpRequestException failed)
        {
            string from = target.UrlOrigin is { } origin ? $" (the address is from {origin})"
                : arguments.Url is null ? " (the default address; --url or EDGE_URL names another)" : "";
            await errors.WriteLineAsync($"edge: {url} cannot be reached: {WhyOf(failed)}{from}");
            return ExitCodes.Unavailable;
        }
        catch (JsonException)
        {
            await errors.WriteLineAsync($"edge: what answers at {url} is no balancer that this program understands");
            return ExitCodes.Refused;
        }
        catch (TaskCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await errors.WriteLineAsync($"edge: {url} did not answer within {client.Timeout.TotalSeconds} s");
            return ExitCodes.Unavailable;
        }
    }

    /// <summary>The URL at which this machine can call the balancer with these options; null if its own paths are served with TLS alone.</summary>
    internal static Uri? UrlOf(EdgeOptions options)
    {
        ListenAddress? address = options.ControlEndpoint() is { } apart ? new ListenAddress(Scheme.Http, apart)
            : options.ListenAddresses().FirstOrDefault(a => !a.IsTls && options.ServesControl(a));
        return address is null ? null : new Uri(address.Url() + "/");
    }

    // The balancer says whether the token is missing or wrong; here it is known where the token should come from.
    private static string AboutToken(string verb, string? origin) => origin switch
    {
        null => "no token was found: set EDGE_TOKEN, or have the balancer's own options read (--config FILE)",
        _ when verb == "reload" && origin != "EDGE_TOKEN" =>
            $"the token that was sent is from {origin}; where that is new, set EDGE_TOKEN to the one that the balancer still has",
        _ => $"the token that was sent is from {origin}",
    };

    private static async Task<(HttpStatusCode Status, byte[] Body)> CallAsync(
        HttpClient client, ClientArguments arguments, Uri url, CancellationToken cancellation)
    {
        using HttpRequestMessage request = Request(arguments, url);
        using HttpResponseMessage response = await client.SendAsync(request, cancellation);
        return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    private static async Task<(StatusReport? Status, string Why)> ReadStatusAsync(
        HttpClient client, ClientArguments arguments, Uri url, CancellationToken cancellation)
    {
        try
        {
            (HttpStatusCode status, byte[] body) = await CallAsync(client, arguments, url, cancellation);
            if (status != HttpStatusCode.OK)
            {
                return (null, $"the balancer answers with {(int)status}");
            }

            StatusReport all = JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeStatusReport)!.Message;
            StatusReport? shown = arguments.Service is { } name ? TopService.Only(all, name) : all;
            return (shown, shown is null ? $"there is no service {arguments.Service}" : "");
        }
        catch (HttpRequestException failed)
        {
            return (null, $"{url} cannot be reached: {WhyOf(failed)}");
        }
        catch (JsonException)
        {
            return (null, $"what answers at {url} is no balancer that this program understands");
        }
    }

    private static string WhyOf(HttpRequestException failed) => failed.InnerException is SocketException socket ? socket.Message : failed.Message;

    private static HttpRequestMessage Request(ClientArguments arguments, Uri url)
    {
        (HttpMethod method, string path) = arguments.Verb switch
        {
            "add" => (HttpMethod.Post, "add"),
            "rm" => (HttpMethod.Delete, "rm"),
            "status" or "top" or "certificates" => (HttpMethod.Get, "edge/status"),
            "reload" => (HttpMethod.Post, "edge/reload"),
            "healthcheck" => (HttpMethod.Get, "heartbeat"),
            "pause" or "stop" or "resume" or "sleep" or "wake" => (HttpMethod.Post, arguments.Verb),
            "scale" => (arguments.Bounds is null ? HttpMethod.Get : HttpMethod.Post, "scale"),
            _ => (HttpMethod.Get, "rep"),
        };
        string? named = arguments.Verb switch
        {
            "top" => null,
            "pause" or "stop" or "resume" or "scale" or "sleep" or "wake" => arguments.Service ?? ControlPaths.DefaultService,
            _ => arguments.Service,
        };
        path = named is { } service ? $"{ControlPaths.ServicesPrefix[1..]}{Uri.EscapeDataString(service)}/{path}" : path;
        var request = new HttpRequestMessage(method, new Uri(url, path));
        if (arguments.Verb is "add" or "rm")
        {
            int count = arguments.Count ?? Math.Max(1, arguments.Names.Count);
            var body = new ChangeBody(count, arguments.Names, arguments.Weight);
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, ContractJson.Readable.ChangeBody));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        if (arguments.Bounds is { } bounds)
        {
            request.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(bounds, ContractJson.Readable.ScaleBody));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        return request;
    }

    private int Print(ClientArguments arguments, HttpStatusCode status, byte[] body)
    {
        bool done = status == HttpStatusCode.OK;
        string text = System.Text.Encoding.UTF8.GetString(body);
        if (arguments.Json && body.Length > 0)
        {
            output.WriteLine(text);
            return done ? ExitCodes.Ok : ExitCodes.Refused;
        }

        try
        {
            if (!done)
            {
                string? message = JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeString)?.Message;
                errors.WriteLine($"edge: {message ?? text} ({(int)status})");
                return ExitCodes.Refused;
            }

            return PrintAnswer(arguments, body) ? ExitCodes.Ok : ExitCodes.Refused;
        }
        catch (JsonException)
        {
            errors.WriteLine($"edge: status {(int)status}, and the answer is not a balancer's: {text}");
            return ExitCodes.Refused;
        }
    }

    // That of the one service that was asked for; null, with the reason told, if there is none.
    private StatusReport? Narrowed(ClientArguments arguments, StatusReport status)
    {
        StatusReport? shown = arguments.Service is { } name ? TopService.Only(status, name) : status;
        if (shown is null)
        {
            errors.WriteLine($"edge: there is no service {arguments.Service}; there is {string.Join(", ", TopService.AllOf(status).Select(one => one.Name))}");
        }

        return shown;
    }

    private bool PrintAnswer(ClientArguments arguments, byte[] body)
    {
        switch (arguments.Verb)
        {
            case "status" or "top":
                StatusReport? shown = Narrowed(arguments, JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeStatusReport)!.Message);
                if (shown is null)
                {
                    return false;
                }

                StatusText.Of(shown).Write(output, terminal.HasColours);
                break;
            case "certificates":
                CertificateText.Of(JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeStatusReport)!.Message).Write(output, terminal.HasColours);
                break;
            case "reload":
                IReadOnlyList<string> changed = JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeReloadReport)!.Message.Changed;
                output.WriteLine(changed.Count == 0 ? "read again; nothing has changed" : $"read again; changed: {string.Join(", ", changed)}");
                break;
            case "pause" or "stop" or "resume":
                ServiceModeReport mode = JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeServiceModeReport)!.Message;
                output.WriteLine(mode.State == mode.Was ? $"{mode.Service} is {mode.State}, as it was" : $"{mode.Service} is {mode.State}; it was {mode.Was}");
                break;
            case "scale" or "sleep" or "wake":
                ScaleReport scale = JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeScaleReport)!.Message;
                output.WriteLine(StatusText.Scale(scale) is { Length: > 0 } line ? line : "the number of replicas does not follow the load");
                break;
            case "rm":
                RemovalEnvelope removal = JsonSerializer.Deserialize(body, ContractJson.Readable.RemovalEnvelope)!;
                PrintRemoved(removal.Drained);
                PrintNames(removal.Message);
                break;
            case not "healthcheck":
                PrintNames(JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeReplicaList)!.Message);
                break;
        }

        return true;
    }

    private void PrintNames(ReplicaList list)
    {
        foreach (string name in list.Replicas)
        {
            output.WriteLine(name);
        }
    }

    // On standard error, so that a program can read the list from standard output. An older balancer sends no receipts.
    private void PrintRemoved(IReadOnlyList<DrainReceiptReport>? drained)
    {
        foreach (DrainReceiptReport receipt in drained ?? [])
        {
            string requests = $"{receipt.Finished} finished, {receipt.Retried} sent to another replica, {receipt.Cut} cut";
            errors.WriteLine($"removed {receipt.Name} (its last requests: {requests})");
        }
    }
}
