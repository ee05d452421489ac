using System.Security.Cryptography;
using System.Text;

namespace Edge.Control;

/// <summary>
/// The page for a browser at /edge/: one file, embedded, that asks nobody but the balancer. Its policy (CSP Level 3) names
/// its one script and its one style by their hashes, so that whatever else got into it would not run.
/// </summary>
internal static class LivePage
{
    private static readonly byte[] s_page = Resource("LivePage.html");

    /// <summary>Page and header fields.</summary>
    internal static ControlResponse Response { get; } = new(200, s_page,
    [
        new("Content-Type", "text/html; charset=utf-8"),
        new("Content-Security-Policy", Policy()),
        new("X-Content-Type-Options", "nosniff"),
        new("Referrer-Policy", "no-referrer"),
        new("Cross-Origin-Opener-Policy", "same-origin"),
        new("Cache-Control", "no-cache"),
    ]);

    /// <summary>A file that is embedded in the program.</summary>
    internal static byte[] Resource(string name)
    {
        using Stream stream = typeof(LivePage).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded in the program.");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string Policy() =>
        $"default-src 'none'; script-src '{HashOf("script")}'; style-src '{HashOf("style")}'; connect-src 'self'; img-src data:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    // Over the text between the tags, as the browser takes it.
    private static string HashOf(string tag)
    {
        string page = Encoding.UTF8.GetString(s_page);
        int start = page.IndexOf($"<{tag}>", StringComparison.Ordinal) + tag.Length + 2;
        int end = page.IndexOf($"</{tag}>", start, StringComparison.Ordinal);
        return $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(page[start..end])))}";
    }
}
