using Edge.Telemetry;
using Edge.Tests.Fleet;

namespace Edge.Tests.Telemetry;

public sealed class LogTests
{
    [Fact]
    public void An_event_is_one_line_whatever_is_in_it()
    {
        var text = new StringWriter();
        new Log(text, new FakeTime(new Journal())).Warning("it_happened", ("n", 1), ("why", "a \"b\"\r\n\u0001"), ("empty", ""), ("none", null));
        Assert.Equal("2030-01-01T00:00:00.000Z warning it_happened n=1 why=\"a \\\"b\\\"\\r\\n\\u0001\" empty=\"\" none=\"\"\n", text.ToString());
    }
}
