using System.Buffers.Binary;
using System.Net;
using System.Text;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>The last lines that a container has printed, on both of its streams.</summary>
internal static class LastLines
{
    /// <summary>What is behind that in a line is left out.</summary>
    internal const int LineChars = 1000;

    // Without a terminal, the engine puts eight bytes before each piece: the stream (0 to 2), three zeros, and the length, the highest byte first (API, "Attach
    // to a container").
    private const int FrameBytes = 8;
    private const byte LastStream = 2;

    /// <summary>Asks an engine for them; none if the container does not exist.</summary>
    /// <param name="endpoint">unix:///path or tcp://host:port.</param>
    /// <param name="api">The version of the API.</param>
    /// <param name="container">Its id.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellation">Calls it off.</param>
    /// <exception cref="DriverException">The engine refuses.</exception>
    /// <exception cref="HttpRequestException">The engine cannot be reached, or the lines are too long.</exception>
    internal static async Task<IReadOnlyList<string>> AskAsync(Uri endpoint, Version api, string container, int count, CancellationToken cancellation)
    {
        (HttpStatusCode status, byte[] body) = await EngineHttp.GetAsync(
            endpoint, api, $"containers/{container}/logs?stdout=true&stderr=true&tail={count}", cancellation);
        return status switch
        {
            HttpStatusCode.OK => Read(body, count),
            HttpStatusCode.NotFound => [],
            _ => throw new DriverException(DriverFailure.Failed, EngineError.WordsOf(Encoding.UTF8.GetString(body), status)),
        };
    }

    /// <summary>The lines in an engine's answer, with or without frames.</summary>
    internal static IReadOnlyList<string> Read(ReadOnlySpan<byte> body, int count)
    {
        var text = new StringBuilder();
        while (IsFrame(body, out int length))
        {
            text.Append(Encoding.UTF8.GetString(body.Slice(FrameBytes, length)));
            body = body[(FrameBytes + length)..];
        }

        text.Append(Encoding.UTF8.GetString(body));
        return [.. text.ToString().Split('\n').Select(Shown).Where(line => line.Length > 0).TakeLast(count)];
    }

    private static bool IsFrame(ReadOnlySpan<byte> body, out int length)
    {
        length = 0;
        if (body.Length < FrameBytes || body[0] > LastStream || body[1] != 0 || body[2] != 0 || body[3] != 0)
        {
            return false;
        }

        length = (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(body[4..]), (uint)(body.Length - FrameBytes));
        return true;
    }

    // A terminal's colours and the like are nothing for a log.
    private static string Shown(string line)
    {
        string shown = string.Concat(line.TrimEnd('\r').Take(LineChars).Select(c => char.IsControl(c) ? ' ' : c));
        return shown.TrimEnd();
    }
}
