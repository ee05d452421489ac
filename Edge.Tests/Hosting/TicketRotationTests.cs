using Edge.Hosting;
using Edge.Takeover;
using Edge.Tests.Fleet;

namespace Edge.Tests.Hosting;

public sealed class TicketRotationTests
{
    private readonly FakeTime _time = new(new Journal());

    [Fact]
    public void A_key_encrypts_for_twelve_hours_and_decrypts_for_twenty_four_more()
    {
        using var rotation = new TicketRotation(null, _time);
        byte[] first = Assert.Single(rotation.Keys.All);
        _time.Advance(TimeSpan.FromHours(12) - TimeSpan.FromSeconds(1));
        Assert.Equal([first], rotation.Keys.All);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, rotation.Keys.All.Count);
        Assert.NotEqual(first, rotation.Keys.All[0]);
        Assert.Equal(first, rotation.Keys.All[1]);
        _time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(first, rotation.Keys.All[2]);
        _time.Advance(TimeSpan.FromHours(12));
        Assert.Equal(3, rotation.Keys.All.Distinct().Count());
        Assert.DoesNotContain(first, rotation.Keys.All);
    }

    [Fact]
    public void A_process_that_takes_over_goes_on_with_the_keys_and_their_time()
    {
        using var old = new TicketRotation(null, _time);
        _time.Advance(TimeSpan.FromHours(12));
        _time.Advance(TimeSpan.FromHours(8));
        HandedTickets handed = HandedTickets.Parse(old.HandOn().ToText())!;
        Assert.Equal(TimeSpan.FromHours(4), handed.Left);
        using var next = new TicketRotation(handed, _time);
        Assert.Equal(2, next.Keys.All.Count);
        Assert.Equal(old.Keys.All, next.Keys.All);
        old.Dispose();
        _time.Advance(TimeSpan.FromHours(4));
        Assert.Equal(2, old.Keys.All.Count);
        Assert.Equal([.. old.Keys.All], next.Keys.All.Skip(1));
        Assert.Equal(TimeSpan.FromHours(12), next.HandOn().Left);
    }

    [Theory]
    [InlineData("0", 0)]
    [InlineData("43199", 43_199)]
    [InlineData("43201", 43_200)]
    [InlineData("4294967295", 43_200)]
    public void The_time_that_is_left_is_never_longer_than_the_whole(string told, int seconds)
    {
        string key = Convert.ToBase64String(new byte[80]);
        using var next = new TicketRotation(HandedTickets.Parse($"{told} {key}"), _time);
        Assert.Equal(TimeSpan.FromSeconds(seconds), next.HandOn().Left);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 ")]
    [InlineData("-1 {80}")]
    [InlineData("x {80}")]
    [InlineData("1 {79}")]
    [InlineData("1 {81}")]
    [InlineData("1 {80} ")]
    [InlineData("1 {80} {16}")]
    [InlineData("4294967296 {80}")]
    public void What_is_no_list_of_keys_is_none(string text)
    {
        foreach (int length in new[] { 16, 79, 80, 81 })
        {
            text = text.Replace($"{{{length}}}", Convert.ToBase64String(new byte[length]), StringComparison.Ordinal);
        }

        Assert.Null(HandedTickets.Parse(text));
    }
}
