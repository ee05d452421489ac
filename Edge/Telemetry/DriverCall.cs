namespace Edge.Telemetry;

/// <summary>A kind of call to a driver.</summary>
internal enum DriverCall
{
    List,
    Start,
    Stop,
    Forget,
    Watch,
    Image,
    Lines,
}
