namespace Edge.Telemetry;

/// <summary>What is asked of a driver.</summary>
internal enum DriverCall
{
    List,
    Start,
    Stop,
    Forget,
    Watch,
    Image,
}
