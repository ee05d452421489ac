namespace Edge.Telemetry;

/// <summary>
/// Writes the lines of all loops to a file or to standard output, on a thread of its own, so that no loop waits for the destination. If the
/// destination fails, it is tried again, and lost lines are counted.
/// </summary>
/// <param name="file">The path; empty for standard output.</param>
/// <param name="log">Gets a line when the destination fails, once until it works again.</param>
internal sealed class AccessLog(string file, Log log) : IDisposable
{
    // While lines come, they are written in batches: a wake-up of the thread costs more than a line.
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private readonly AutoResetEvent _wake = new(false);
    private volatile AccessRing[] _rings = [];
    private volatile string _file = file;
    private volatile bool _reopen;
    private volatile bool _stopping;
    private int _asleep;
    private Thread? _thread;
    private Stream? _stream;
    private long _failedAt;
    private long _errors;
    private long _lost;

    /// <summary>Failed writes, and failed attempts to open the file.</summary>
    internal long Errors => Volatile.Read(ref _errors);

    /// <summary>Lines that were lost because of that.</summary>
    internal long Lost => Volatile.Read(ref _lost);

    /// <summary>A ring for one more thread, which calls <see cref="OnWritten"/> after each line.</summary>
    internal AccessRing Join()
    {
        lock (_lock)
        {
            var ring = new AccessRing();
            _rings = [.. _rings, ring];
            if (_thread is null)
            {
                _thread = new Thread(Run) { IsBackground = true, Name = "edge-access-log" };
                _thread.Start();
            }

            return ring;
        }
    }

    /// <summary>A line was put into a ring.</summary>
    internal void OnWritten(AccessRing ring)
    {
        // The writing thread says that it sleeps, makes every processor finish its stores, and looks at the rings once more. So either it sees the
        // line, or this call sees that it sleeps. The thread that has nothing to do pays for the barrier.
        if ((Volatile.Read(ref _asleep) != 0 || ring.Fill > Config.Limits.AccessRingBytes / 2) && Interlocked.Exchange(ref _asleep, -1) != -1)
        {
            _wake.Set();
        }
    }

    /// <summary>Opens the file again, for example after it was renamed. From any thread.</summary>
    internal void Reopen(string path)
    {
        _file = path;
        _reopen = true;
        _wake.Set();
    }

    /// <summary>Writes the remaining lines, as far as the destination takes them in time.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _stopping = true;
        }

        _wake.Set();
        if (_thread?.Join(s_farewell) ?? true)
        {
            _wake.Dispose();
        }
    }

    private void Run()
    {
        while (true)
        {
            bool ends = _stopping;
            bool wrote = Drain();
            if (ends)
            {
                _stream?.Dispose();
                return;
            }

            if (_reopen)
            {
                _reopen = false;
                _failedAt = 0;
                Close();
            }

            if (wrote)
            {
                // -1: nothing needs to wake it, except a ring that fills up.
                Volatile.Write(ref _asleep, 0);
                _wake.WaitOne(s_gather);
                continue;
            }

            Volatile.Write(ref _asleep, 1);
            Interlocked.MemoryBarrierProcessWide();
            if (Array.TrueForAll(_rings, ring => ring.Fill == 0) && !_stopping && !_reopen)
            {
                _wake.WaitOne();
            }
        }
    }

    private bool Drain()
    {
        bool wrote = false;
        foreach (AccessRing ring in _rings)
        {
            while (ring.Peek() is { IsEmpty: false } lines)
            {
                Write(lines);
                ring.Advance(lines.Length);
                wrote = true;
            }
        }

        return wrote;
    }

    private void Write(ReadOnlySpan<byte> lines)
    {
        try
        {
            if (_stream is null && _failedAt != 0 && Environment.TickCount64 - _failedAt < s_pause.TotalMilliseconds)
            {
                Volatile.Write(ref _lost, _lost + lines.Count((byte)'\n'));
                return;
            }

            _stream ??= Open(_file);
            _stream.Write(lines);
            if (_failedAt != 0)
            {
                _failedAt = 0;
                log.Info("access_log_back", ("file", _file));
            }
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            if (_failedAt == 0)
            {
                log.Error("access_log_failed", ("file", _file), ("why", failed.Message));
            }

            _failedAt = Environment.TickCount64;
            Volatile.Write(ref _errors, _errors + 1);
            Volatile.Write(ref _lost, _lost + lines.Count((byte)'\n'));
            Close();
        }
    }

    private void Close()
    {
        _stream?.Dispose();
        _stream = null;
    }

    // Without a buffer, and appending: another process may write to the same file.
    private static Stream Open(string path) => path.Length == 0
        ? Console.OpenStandardOutput()
        : new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
