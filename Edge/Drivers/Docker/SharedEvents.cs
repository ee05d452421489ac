using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>
/// One stream of events for any number of listeners. It is there as long as there is one. A listener that is <see cref="Limits.EngineEvents"/> events behind
/// loses the stream, as all do where it ends: whoever listens anew has to look at everything anew. From any thread.
/// </summary>
/// <param name="open">The stream: null first, from when on no event is missed; it ends by an exception.</param>
internal sealed class SharedEvents(Func<CancellationToken, IAsyncEnumerable<ContainerEvent?>> open)
{
    private readonly Lock _one = new();
    private Stream? _stream;

    /// <summary>The events from now on: null first, as soon as none is missed.</summary>
    internal async IAsyncEnumerable<ContainerEvent?> ListenAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        Channel<ContainerEvent> mine = Channel.CreateBounded<ContainerEvent>(Limits.EngineEvents);
        Stream stream = Join(mine.Writer);
        try
        {
            await stream.Opened.Task.WaitAsync(cancellation);
            yield return null;
            await foreach (ContainerEvent happened in mine.Reader.ReadAllAsync(cancellation))
            {
                yield return happened;
            }
        }
        finally
        {
            Leave(stream, mine.Writer);
        }
    }

    private Stream Join(ChannelWriter<ContainerEvent> listener)
    {
        lock (_one)
        {
            if (_stream is { } known)
            {
                known.Listeners.Add(listener);
                return known;
            }

            var stream = new Stream();
            stream.Listeners.Add(listener);
            _stream = stream;
            _ = Task.Run(() => RunAsync(stream));
            return stream;
        }
    }

    private void Leave(Stream stream, ChannelWriter<ContainerEvent> listener)
    {
        lock (_one)
        {
            stream.Listeners.Remove(listener);
            if (stream.Listeners.Count > 0)
            {
                return;
            }

            _stream = _stream == stream ? null : _stream;
        }

        stream.Over.Cancel();
    }

    private async Task RunAsync(Stream stream)
    {
        try
        {
            await foreach (ContainerEvent? happened in open(stream.Over.Token))
            {
                if (happened is null)
                {
                    stream.Opened.TrySetResult();
                }
                else
                {
                    Tell(stream, happened);
                }
            }
        }
        catch (Exception ended)
        {
            lock (_one)
            {
                _stream = _stream == stream ? null : _stream;
                stream.Listeners.ForEach(listener => listener.TryComplete(ended));
            }

            stream.Opened.TrySetException(ended);
        }
    }

    private void Tell(Stream stream, ContainerEvent happened)
    {
        lock (_one)
        {
            foreach (ChannelWriter<ContainerEvent> listener in stream.Listeners.Where(listener => !listener.TryWrite(happened)))
            {
                listener.TryComplete(EngineEvents.TooMany());
            }
        }
    }

    private sealed class Stream
    {
        internal List<ChannelWriter<ContainerEvent>> Listeners { get; } = [];

        internal TaskCompletionSource Opened { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal CancellationTokenSource Over { get; } = new();
    }
}
