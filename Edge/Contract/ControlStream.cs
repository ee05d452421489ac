using Edge.Config;

namespace Edge.Contract;

/// <summary>A body that comes piece by piece.</summary>
/// <param name="Next">
/// Waits for the next piece, at most <see cref="Limits.LocalReplyPieceBytes"/>; an empty one is the end. One call at a time. Must not throw.
/// </param>
/// <param name="Abandon">Ends the stream, and a wait for the next piece. May be called more than once, from any thread.</param>
internal sealed record ControlStream(Func<ValueTask<ReadOnlyMemory<byte>>> Next, Action Abandon)
{
    /// <summary>A body that is there already, in pieces.</summary>
    internal static ControlStream Of(ReadOnlyMemory<byte> body)
    {
        int at = 0;
        return new(Next, () => { });

        ValueTask<ReadOnlyMemory<byte>> Next()
        {
            ReadOnlyMemory<byte> piece = body[at..Math.Min(body.Length, at + Limits.LocalReplyPieceBytes)];
            at += piece.Length;
            return ValueTask.FromResult(piece);
        }
    }
}
