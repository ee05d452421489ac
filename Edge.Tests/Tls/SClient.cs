using System.Diagnostics;
using System.Net;

namespace Edge.Tests.Tls;

/// <summary>openssl s_client: a client of TLS that tells what it has agreed on, and keeps sessions in files (openssl-s_client(1)).</summary>
internal static class SClient
{
    /// <summary>Sends one request that asks for the end of the connection; returns what the program said, the answer with it.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="more">More arguments.</param>
    internal static Task<string> AskAsync(IPEndPoint server, params string[] more) =>
        RunAsync(server, "GET /home HTTP/1.1\r\nHost: example.org\r\nConnection: close\r\n\r\n", [.. more, "-ign_eof"]);

    /// <summary>Has the program read from its standard input, which stays open; returns what it said when it has ended.</summary>
    internal static async Task<string> RunAsync(IPEndPoint server, string input, params string[] more)
    {
        var start = new ProcessStartInfo("openssl", ["s_client", "-connect", $"{server}", "-servername", "example.org", .. more])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process client = Process.Start(start)!;
        Task<string> said = client.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Task<string> errors = client.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await client.StandardInput.WriteAsync(input);
        await client.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
        try
        {
            await client.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            client.Kill();
            throw new TimeoutException($"openssl s_client did not end; it said: {await said}{await errors}");
        }

        return await said + await errors;
    }
}
