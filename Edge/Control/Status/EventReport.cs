using System.Text.Json.Serialization;

namespace Edge.Control;

/// <summary>One event of /edge/events.</summary>
/// <param name="Time">When it happened.</param>
/// <param name="Event">What happened; the same as the field event of the stream.</param>
/// <param name="Name">The replica; absent where it is about none.</param>
/// <param name="State">Its state after it.</param>
/// <param name="Was">Its state before it, where that is what changed.</param>
/// <param name="Address">Where it listens.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Why">What led to it, or what is to be known of it.</param>
internal sealed record EventReport(
    DateTimeOffset Time,
    string Event,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Name = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? State = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Was = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Address = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Weight = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Why = null);
