using System.Threading.Channels;
using Docker.DotNet.Models;
using Edge.Config;
using Edge.Fleet;

namespace Edge.Drivers;

/// <summary>
/// Events in their order; the framework's own Progress would lose the order. The reader asks the engine about each container, so events may come faster than
/// they are read. If <see cref="Limits.EngineEvents"/> wait, the events end as those of a lost connection do, and everything is listed.
/// </summary>
internal sealed class EngineEvents : IProgress<Message>
{
    private readonly Channel<ContainerEvent> _channel = Channel.CreateBounded<ContainerEvent>(Limits.EngineEvents);

    internal ChannelReader<ContainerEvent> Reader => _channel.Reader;

    internal ChannelWriter<ContainerEvent> Writer => _channel.Writer;

    public void Report(Message value)
    {
        IReadOnlyDictionary<string, string> attributes = (value.Actor?.Attributes ?? new Dictionary<string, string>()).AsReadOnly();
        string container = value.Type == "network" ? attributes.GetValueOrDefault("container", "") : value.Actor?.ID ?? "";
        if (!_channel.Writer.TryWrite(new ContainerEvent(value.Type, value.Action, container, attributes)))
        {
            _channel.Writer.TryComplete(TooMany());
        }
    }

    /// <summary>What ends the events of one who is too far behind.</summary>
    internal static DriverException TooMany() => new(
        DriverFailure.Unavailable, $"more than {Limits.EngineEvents} events of the engine wait to be looked at, so all containers are listed anew");
}
