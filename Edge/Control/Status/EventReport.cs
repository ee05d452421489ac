using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>One event of /edge/events.</summary>
/// <param name="Time">When it happened.</param>
/// <param name="Event">The kind of event; the same as the field event of the stream.</param>
/// <param name="Name">The replica; absent if the event is about none.</param>
/// <param name="State">Its state after the event.</param>
/// <param name="Was">Its state before the event, if the state changed.</param>
/// <param name="Address">Its address.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Why">The reason.</param>
/// <param name="Service">The service that it is about; absent for the default one.</param>
internal sealed record EventReport(
    DateTimeOffset Time,
    string Event,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? State = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Was = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Address = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Weight = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Why = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Service = null);
