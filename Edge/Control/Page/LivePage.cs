using Edge.Contract;

namespace Edge.Control;

/// <summary>
/// The page for a browser at /edge/: one embedded file that calls only the balancer. Its policy (CSP Level 3) names its one script and its one style
/// by their hashes, so no other script could run in it.
/// </summary>
internal static class LivePage
{
    // Written here, because a static binary has no OpenSSL, which would compute them; a test compares them with the file.
    private const string Script = "sha256-c5l3AdQ0x1GLm0hT1GeIktjs0hRXYSxH4Iek1XW0fjA=";
    private const string Style = "sha256-PHZyM3EUPUW69Au+0ai6X8VcVOfrRu5Gta8fnQSrA8A=";

    private const string Policy =
        $"default-src 'none'; script-src '{Script}'; style-src '{Style}'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static readonly byte[] s_page = Resource("LivePage.html");

    /// <summary>The page and its header fields.</summary>
    internal static ControlResponse Response { get; } = new(200, s_page,
    [
        new("Content-Type", "text/html; charset=utf-8"),
        new("Content-Security-Policy", Policy),
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
}
