using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Edge.Contract;
using Edge.Control;

namespace Edge.Cli;

/// <summary>
/// The verb deploy: asks for a deploy, or has the present one pause, go on or go back, and prints each step as it is taken, until the deploy is decided.
/// </summary>
/// <param name="client">Has the token.</param>
/// <param name="output">Gets the steps.</param>
/// <param name="errors">Gets the errors.</param>
internal sealed class DeployVerb(HttpClient client, TextWriter output, TextWriter errors)
{
    /// <summary>What may follow the verb in the place of an image.</summary>
    internal static readonly string[] Words = ["status", "pause", "resume", "promote", "abort", "rollback"];

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    // A balancer that is being taken over, or is started anew, is away for a moment.
    private const int MissesAtMost = 40;

    /// <summary>Returns the exit code: 0 if the new version serves, or what was asked is done; 1 if it was refused or the version taken back.</summary>
    internal async Task<int> RunAsync(ClientArguments arguments, Uri url, CancellationToken cancellation)
    {
        string word = arguments.Names is [var only] && Words.Contains(only, StringComparer.Ordinal) ? only : "";
        string path = $"{ControlPaths.ServicesPrefix[1..]}{Uri.EscapeDataString(arguments.Service ?? ControlPaths.DefaultService)}/deploy";
        using HttpRequestMessage request = word switch
        {
            "" => Ask(arguments, new Uri(url, path)),
            "status" => new HttpRequestMessage(HttpMethod.Get, new Uri(url, path)),
            _ => new HttpRequestMessage(HttpMethod.Post, new Uri(url, $"{path}/{word}")),
        };
        (HttpStatusCode status, byte[] body) = await SendAsync(request, cancellation);
        if (arguments.Json || status is not (HttpStatusCode.OK or HttpStatusCode.Accepted))
        {
            return arguments.Json ? PrintRaw(status, body) : PrintRefusal(status, body);
        }

        DeployReport deploy = Read(body);
        int shown = Print(deploy, word is "" or "status" ? 0 : deploy.Steps.Count - 1);
        if (word is "status" or "pause" || arguments.Detached)
        {
            return word == "status" && deploy.Steps.Count == 0 ? PrintNone() : ExitCodes.Ok;
        }

        while (!IsDecided(deploy, word))
        {
            await Task.Delay(s_pause, cancellation);
            deploy = await ReadAsync(new Uri(url, path), cancellation);
            shown = Print(deploy, shown);
        }

        PrintLines(deploy);
        bool isWell = word is "abort" or "rollback" ? deploy.State == "reverted" : deploy.State is "retiring" or "done";
        return isWell ? ExitCodes.Ok : ExitCodes.Refused;
    }

    // A deploy that waits for a person has nothing more to show.
    private static bool IsDecided(DeployReport deploy, string word) =>
        deploy.State is "done" or "reverted" or DeployReport.Paused || (deploy.State == "retiring" && word is not "rollback");

    private static HttpRequestMessage Ask(ClientArguments arguments, Uri url)
    {
        var body = new DeployBody(
            arguments.Names.Count == 1 ? arguments.Names[0] : "", arguments.Canary, arguments.IsJudged ? null : false, Wait: false,
            arguments.IsForced ? true : null, arguments.Pulls ? true : null);
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, ContractJson.Readable.DeployBody)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return request;
    }

    private async Task<(HttpStatusCode Status, byte[] Body)> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using HttpResponseMessage response = await client.SendAsync(request, cancellation);
        return (response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    private async Task<DeployReport> ReadAsync(Uri url, CancellationToken cancellation)
    {
        for (int misses = 0; ; misses++)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, url);
                (HttpStatusCode status, byte[] body) = await SendAsync(request, cancellation);
                if (status == HttpStatusCode.OK)
                {
                    return Read(body);
                }
            }
            catch (HttpRequestException) when (misses < MissesAtMost)
            {
                await Task.Delay(s_pause, cancellation);
                continue;
            }

            if (misses == MissesAtMost)
            {
                throw new HttpRequestException("the balancer does not say any more how far the deploy is");
            }

            await Task.Delay(s_pause, cancellation);
        }
    }

    private static DeployReport Read(byte[] body) => JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeDeployReport)!.Message;

    private int Print(DeployReport deploy, int from)
    {
        foreach (DeployStepReport step in deploy.Steps.Skip(from))
        {
            output.WriteLine($"{step.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}  {step.State,-9}  {step.Why}");
        }

        output.Flush();
        return deploy.Steps.Count;
    }

    private void PrintLines(DeployReport deploy)
    {
        if (deploy.State != "reverted" || deploy.LastLines.Count == 0)
        {
            return;
        }

        errors.WriteLine("its last lines:");
        foreach (string line in deploy.LastLines)
        {
            errors.WriteLine($"  {line}");
        }
    }

    private int PrintNone()
    {
        output.WriteLine("nothing was deployed since the balancer started");
        return ExitCodes.Ok;
    }

    private int PrintRaw(HttpStatusCode status, byte[] body)
    {
        output.WriteLine(System.Text.Encoding.UTF8.GetString(body));
        return status is HttpStatusCode.OK or HttpStatusCode.Accepted ? ExitCodes.Ok : ExitCodes.Refused;
    }

    private int PrintRefusal(HttpStatusCode status, byte[] body)
    {
        string message = JsonSerializer.Deserialize(body, ContractJson.Readable.EnvelopeString)?.Message ?? "";
        errors.WriteLine($"edge: {message} ({(int)status})");
        return ExitCodes.Refused;
    }
}
