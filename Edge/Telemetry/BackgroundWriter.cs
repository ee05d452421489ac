using System.Text;
using Edge.Config;

namespace Edge.Telemetry;

/// <summary>
/// Writes the output of the process on a thread of its own, because its reader may be stuck or the disk full, and no other thread may wait for that
/// or fail because of it. Pieces that have no room, or that cannot be written, are counted.
/// </summary>
internal sealed class BackgroundWriter : TextWriter
{
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly Stream _stream;
    private readonly Queue<string> _pieces = new();
    private readonly Thread _thread;
    private long _lost;
    private bool _ended;

    /// <param name="stream">The destination; it belongs to the process and is not closed.</param>
    internal BackgroundWriter(Stream stream)
    {
        _stream = stream;
        _thread = new Thread(Run) { IsBackground = true, Name = "edge-output" };
        _thread.Start();
    }

    /// <summary>How many pieces were lost. Raised on the writing thread, when a piece could be written again.</summary>
    internal event Action<long>? Lost;

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write(value.ToString());

    public override void WriteLine(string? value) => Write(value + '\n');

    public override void Write(string? value)
    {
        lock (_pieces)
        {
            if (_pieces.Count == Limits.OutputPieces)
            {
                _lost++;
                return;
            }

            _pieces.Enqueue(value ?? "");
            Monitor.Pulse(_pieces);
        }
    }

    /// <summary>Writes the rest, as far as it is taken in time.</summary>
    protected override void Dispose(bool disposing)
    {
        lock (_pieces)
        {
            _ended = true;
            Monitor.Pulse(_pieces);
        }

        _thread.Join(s_farewell);
        base.Dispose(disposing);
    }

    private void Run()
    {
        while (Take() is { } piece)
        {
            long lost = 0;
            try
            {
                _stream.Write(Encoding.UTF8.GetBytes(piece));
                lock (_pieces)
                {
                    (lost, _lost) = (_lost, 0);
                }
            }
            catch (IOException)
            {
                // Reported when something can be written again; before that, no one could read it.
                lock (_pieces)
                {
                    _lost++;
                }
            }

            if (lost > 0)
            {
                Lost?.Invoke(lost);
            }
        }
    }

    // The next piece, as soon as there is one; null at the end.
    private string? Take()
    {
        lock (_pieces)
        {
            while (_pieces.Count == 0 && !_ended)
            {
                Monitor.Wait(_pieces);
            }

            return _pieces.TryDequeue(out string? piece) ? piece : null;
        }
    }
}
