using System.Text;
using Edge.Http;

namespace Edge.Proxy;

/// <summary>
/// What a browser shows while a service wakes: a page that loads itself again each second until the service answers. It needs no script, so that no policy
/// stands in its way.
/// </summary>
internal static class WaitingPage
{
    /// <summary>The page.</summary>
    internal static ReadOnlySpan<byte> Html => """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <meta name="color-scheme" content="light dark">
        <meta http-equiv="refresh" content="1">
        <title>Starting</title>
        </head>
        <body style="font-family: system-ui, sans-serif; margin: 20vh auto; max-width: 26em; padding: 0 1em; text-align: center">
        <h1 style="font-size: 1.4em">This site is starting</h1>
        <p>It was asleep. It will be here in a moment, and this page loads it by itself.</p>
        </body>
        </html>

        """u8;

    /// <summary>
    /// Whether a browser asks for a whole page, and can get this one first: Sec-Fetch-Dest is document (Fetch Metadata), and the request can be made again.
    /// </summary>
    /// <param name="data">The bytes that the head was parsed from.</param>
    /// <param name="head">As it came.</param>
    internal static bool IsFor(ReadOnlySpan<byte> data, Head head)
    {
        if (head.Method != Method.Get)
        {
            return false;
        }

        foreach (ref readonly HeaderField field in head.Fields)
        {
            if (field.Known == KnownField.Other && Ascii.EqualsIgnoreCase(field.Name(data), "sec-fetch-dest"u8))
            {
                return field.Value(data).SequenceEqual("document"u8);
            }
        }

        return false;
    }
}
