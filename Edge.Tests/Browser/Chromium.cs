using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Edge.Tests.Backends;
using Edge.Tests.Docker;

namespace Edge.Tests.Browser;

/// <summary>
/// Chromium, driven as a person would, through its own driver (W3C WebDriver). Without both the tests are skipped, but fail
/// where CI is set.
/// </summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly string[] s_arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"];

    private readonly Process _driver;
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromMinutes(1) };
    private readonly List<string> _requests = [];
    private string _session = "";

    private Chromium(string driver)
    {
        // Its words are buffered, the one with the port that it chose as well: so the port is chosen here.
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        int port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        _driver =
            Process.Start(new ProcessStartInfo(driver, [$"--port={port}", "--log-level=OFF"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _client.BaseAddress = new Uri($"http://127.0.0.1:{port}/");
    }

    /// <summary>A window with nothing in it.</summary>
    internal static Task<Chromium> StartAsync(int width = 1280, int height = 1000) => StartAsync(width, height, []);

    /// <summary>The same with more arguments of the program.</summary>
    internal static async Task<Chromium> StartAsync(int width, int height, string[] arguments)
    {
        (string? driver, string? chromium) = (Command.Find("chromedriver"), Command.Find("chromium"));
        if (driver is null || chromium is null)
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") is null, "CI has to have chromium and chromedriver.");
            Assert.Skip("chromium and chromedriver are not installed; ./test.sh installs them.");
        }

        var browser = new Chromium(driver);
        try
        {
            await Quiet.UntilAsync(browser.AnswersAsync, "chromedriver answers", s_patience);
            await browser.OpenAsync(chromium, width, height, arguments);
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return (await CallAsync(HttpMethod.Get, "status", null)).GetProperty("ready").GetBoolean();
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task OpenAsync(string chromium, int width, int height, string[] arguments)
    {
        // Without its sandbox, which root cannot have; the pages are ours.
        var options = new JsonObject
        {
            ["binary"] = chromium,
            ["args"] = new JsonArray([.. s_arguments.Concat(arguments).Append($"--window-size={width},{height}").Select(one => JsonValue.Create(one))]),
        };
        var wanted = new JsonObject
        {
            ["browserName"] = "chrome",
            ["goog:chromeOptions"] = options,
            ["goog:loggingPrefs"] = new JsonObject { ["browser"] = "ALL", ["performance"] = "ALL" },
        };
        JsonElement session = await CallAsync(HttpMethod.Post, "session", new JsonObject
        {
            ["capabilities"] = new JsonObject { ["alwaysMatch"] = wanted },
        });
        _session = $"session/{session.GetProperty("sessionId").GetString()}/";
        await DevToolsAsync("Emulation.setDeviceMetricsOverride", new JsonObject
        {
            ["width"] = width,
            ["height"] = height,
            ["deviceScaleFactor"] = 1,
            ["mobile"] = false,
        });
    }

    internal Task GoAsync(string url) => CallAsync(HttpMethod.Post, _session + "url", new JsonObject { ["url"] = url });

    /// <summary>The value of an expression in the page.</summary>
    internal Task<JsonElement> ValueAsync(string expression) => CallAsync(
        HttpMethod.Post, _session + "execute/sync", new JsonObject { ["script"] = $"return {expression}", ["args"] = new JsonArray() });

    internal async Task<string> TextAsync(string selector) => (await ValueAsync($"document.querySelector(`{selector}`)?.innerText ?? ''")).GetString()!;

    internal async Task<bool> IsShownAsync(string selector) =>
        (await ValueAsync($"document.querySelector(`{selector}`)?.checkVisibility() ?? false")).GetBoolean();

    /// <summary>Returns when an expression in the page is true.</summary>
    internal Task UntilAsync(string expression, TimeSpan? patience = null) => Quiet.UntilAsync(
        async () => (await ValueAsync(expression)).ValueKind == JsonValueKind.True, expression, patience ?? s_patience);

    /// <summary>Clicks where a person would: what is covered or hidden cannot be clicked.</summary>
    internal async Task ClickAsync(string selector) =>
        await CallAsync(HttpMethod.Post, $"{_session}element/{await FindAsync(selector)}/click", new JsonObject());

    /// <summary>Empties a field and types.</summary>
    internal async Task FillAsync(string selector, string text)
    {
        string element = await FindAsync(selector);

        // Typed over what is selected (Control and A; Delete for nothing), in one go: clearing it takes the focus away again, and
        // what has no focus the page may fill anew before the text comes.
        string keys = "\uE009a\uE000" + (text.Length > 0 ? text : "\uE017");
        await CallAsync(HttpMethod.Post, $"{_session}element/{element}/value", new JsonObject { ["text"] = keys });
    }

    /// <summary>Types where the focus is.</summary>
    internal async Task KeysAsync(string text)
    {
        JsonElement element = await CallAsync(HttpMethod.Get, _session + "element/active", null);
        await CallAsync(HttpMethod.Post, $"{_session}element/{IdOf(element)}/value", new JsonObject { ["text"] = text });
    }

    internal Task<JsonElement> DevToolsAsync(string command, JsonObject parameters) =>
        CallAsync(HttpMethod.Post, _session + "goog/cdp/execute", new JsonObject { ["cmd"] = command, ["params"] = parameters });

    internal Task PreferAsync(string scheme) => DevToolsAsync("Emulation.setEmulatedMedia", new JsonObject
    {
        ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }),
    });

    internal Task ResizeAsync(int width, int height, bool mobile) => DevToolsAsync("Emulation.setDeviceMetricsOverride", new JsonObject
    {
        ["width"] = width,
        ["height"] = height,
        ["deviceScaleFactor"] = 1,
        ["mobile"] = mobile,
    });

    internal async Task<byte[]> PictureAsync() => Convert.FromBase64String((await CallAsync(HttpMethod.Get, _session + "screenshot", null)).GetString()!);

    /// <summary>The cookies of the present page, each as name=value and whether it is for https alone.</summary>
    internal async Task<(string Cookie, bool IsSecure)[]> CookiesAsync() =>
        [.. (await CallAsync(HttpMethod.Get, _session + "cookie", null)).EnumerateArray().Select(cookie =>
            ($"{cookie.GetProperty("name").GetString()}={cookie.GetProperty("value").GetString()}", cookie.GetProperty("secure").GetBoolean()))];

    /// <summary>What the console has to complain about since the last look: exceptions, failed loads, breaches of the page's policy.</summary>
    internal async Task<string[]> ComplaintsAsync() =>
        [.. (await LogAsync("browser")).Where(e => e.GetProperty("level").GetString() is "WARNING" or "SEVERE")
            .Select(e => e.GetProperty("message").GetString()!)];

    /// <summary>Every address that was asked for so far.</summary>
    internal async Task<IReadOnlyList<string>> RequestsAsync()
    {
        foreach (JsonElement entry in await LogAsync("performance"))
        {
            JsonElement message = JsonDocument.Parse(entry.GetProperty("message").GetString()!).RootElement.GetProperty("message");
            if (message.GetProperty("method").GetString() == "Network.requestWillBeSent")
            {
                _requests.Add(message.GetProperty("params").GetProperty("request").GetProperty("url").GetString()!);
            }
        }

        return _requests;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_session.Length > 0)
            {
                await CallAsync(HttpMethod.Delete, _session.TrimEnd('/'), null);
            }
        }
        finally
        {
            _driver.Kill(entireProcessTree: true);
            await _driver.WaitForExitAsync();
            _driver.Dispose();
            _client.Dispose();
        }
    }

    private async Task<JsonElement[]> LogAsync(string type) =>
        [.. (await CallAsync(HttpMethod.Post, _session + "se/log", new JsonObject { ["type"] = type })).EnumerateArray()];

    private async Task<string> FindAsync(string selector) => IdOf(await CallAsync(
        HttpMethod.Post, _session + "element", new JsonObject { ["using"] = "css selector", ["value"] = selector }));

    // The one property of a reference has a name that the standard fixes.
    private static string IdOf(JsonElement element) => element.EnumerateObject().Single().Value.GetString()!;

    private async Task<JsonElement> CallAsync(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        // With a length: chromedriver takes no chunks.
        request.Content = body is null ? null : new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _client.SendAsync(request, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{method} {path}: {text}");
        return JsonDocument.Parse(text).RootElement.GetProperty("value").Clone();
    }
}
