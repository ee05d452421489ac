using Edge.Config;

namespace Edge.Tests.Config;

public sealed class DurationTests
{
    [Theory]
    [InlineData("30s", "00:00:30", "30s")]
    [InlineData("500ms", "00:00:00.5", "500ms")]
    [InlineData("2m", "00:02:00", "2m")]
    [InlineData("1h", "01:00:00", "1h")]
    [InlineData("1m30s", "00:01:30", "1m30s")]
    [InlineData("1d", "1.00:00:00", "1d")]
    [InlineData("1d2h3m4s5ms", "1.02:03:04.005", "1d2h3m4s5ms")]
    [InlineData("90s", "00:01:30", "1m30s")]
    [InlineData("1000ms", "00:00:01", "1s")]
    [InlineData("007s", "00:00:07", "7s")]
    [InlineData("1.5s", "00:00:01.5", "1s500ms")]
    [InlineData("0.25h", "00:15:00", "15m")]
    [InlineData("1h0.5m", "01:00:30", "1h30s")]
    [InlineData("0.0001ms", "00:00:00.0000001", "0.0001ms")]
    [InlineData("0s", "00:00:00", "0s")]
    [InlineData("0d", "00:00:00", "0s")]
    [InlineData("00:00:00", "00:00:00", "0s")]
    [InlineData("00:00:30", "00:00:30", "30s")]
    [InlineData("00:00:00.250", "00:00:00.25", "250ms")]
    [InlineData("1.00:00:00", "1.00:00:00", "1d")]
    [InlineData("23:59:59.9999999", "23:59:59.9999999", "23h59m59s999.9999ms")]
    public void Each_form_is_read_and_all_are_shown_in_one(string text, string same, string shown)
    {
        TimeSpan? read = Durations.Parse(text);
        Assert.Equal(TimeSpan.ParseExact(same, "c", null), read);
        Assert.Equal(shown, Durations.Show(read!.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("0")]
    [InlineData("s")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("1 s")]
    [InlineData(" 1s")]
    [InlineData("1s ")]
    [InlineData("1S")]
    [InlineData("1M")]
    [InlineData("1us")]
    [InlineData("1min")]
    [InlineData("1sec")]
    [InlineData("1.s")]
    [InlineData(".5s")]
    [InlineData("1,5s")]
    [InlineData("1.5.5s")]
    [InlineData("1e3s")]
    [InlineData("1.5m30s")]
    [InlineData("30s1m")]
    [InlineData("1s1s")]
    [InlineData("1ms1s")]
    [InlineData("1s5")]
    [InlineData("00:30")]
    [InlineData("24:00:00")]
    [InlineData("00:60:00")]
    [InlineData("-00:00:01")]
    [InlineData("999999999999d")]
    [InlineData("1000000000000s")]
    [InlineData("٣s")]
    public void What_is_no_length_of_time_is_not_read(string text) => Assert.Null(Durations.Parse(text));

    [Fact]
    public void What_is_shown_is_read_as_the_same_again()
    {
        var random = new Random(1);
        for (int i = 0; i < 10_000; i++)
        {
            var duration = new TimeSpan(random.NextInt64(TimeSpan.TicksPerDay * 3) >> random.Next(42));
            Assert.Equal(duration, Durations.Parse(Durations.Show(duration)));
        }
    }
}
