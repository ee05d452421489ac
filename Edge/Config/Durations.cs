using System.Globalization;
using System.Text;

namespace Edge.Config;

/// <summary>
/// Reads and writes lengths of time: <c>30s</c>, <c>500ms</c>, <c>1m30s</c>, <c>1d</c>, or the forms of .NET, <c>hh:mm:ss</c> and
/// <c>d.hh:mm:ss.fff</c>.
/// </summary>
internal static class Durations
{
    // Far more than any option allows, and far from an overflow.
    private const long MostDays = 36_500;
    private const int NumberChars = 12;

    // From the longest to the shortest; a text has each unit at most once, in this order.
    private static readonly (string Name, long Ticks)[] s_units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    /// <summary>
    /// Reads a length of time that is not negative; null if the text is none. A number needs its unit: "5" alone could be seconds or days.
    /// </summary>
    internal static TimeSpan? Parse(string text) => text.Contains(':', StringComparison.Ordinal) ? ParseClock(text) : ParseUnits(text);

    /// <summary>Writes a length of time in whole numbers of units; a part below a millisecond becomes a fraction of it.</summary>
    internal static string Show(TimeSpan duration)
    {
        var text = new StringBuilder();
        long left = duration.Ticks;
        foreach ((string name, long ticks) in s_units)
        {
            bool isLast = ticks == TimeSpan.TicksPerMillisecond;
            decimal count = isLast ? (decimal)left / ticks : left / ticks;
            if (count > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{count:0.####}{name}");
                left -= isLast ? left : (long)count * ticks;
            }
        }

        return text.Length == 0 ? "0s" : text.ToString();
    }

    // Both colons are needed, because "00:30" is half an hour for .NET; and the exact form, because "24:00:00" is 24 days in any other form.
    private static TimeSpan? ParseClock(string text) =>
        text.AsSpan().Count(':') == 2
        && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out TimeSpan value)
        && value >= TimeSpan.Zero ? value : null;

    private static TimeSpan? ParseUnits(string text)
    {
        long sum = 0;
        int unit = 0;
        ReadOnlySpan<char> rest = text;
        while (rest.Length > 0)
        {
            int digits = rest.IndexOfAnyExceptInRange('0', '9');
            int end = digits < 0 ? -1 : rest.IndexOfAnyInRange('a', 'z');
            if (digits <= 0 || end < 0)
            {
                return null;
            }

            int next = rest[end..].IndexOfAnyExceptInRange('a', 'z');
            string name = (next < 0 ? rest[end..] : rest.Slice(end, next)).ToString();
            unit = Array.FindIndex(s_units, unit, candidate => candidate.Name == name) + 1;

            // There are not only digits: a fraction, which only the last number may have.
            bool isFraction = digits < end;
            if (unit == 0 || (isFraction && next >= 0) || !TryTicks(rest[..end], s_units[unit - 1].Ticks, out long ticks))
            {
                return null;
            }

            sum += ticks;
            rest = next < 0 ? default : rest[(end + next)..];
            if (sum > TimeSpan.TicksPerDay * MostDays)
            {
                return null;
            }
        }

        return text.Length == 0 ? null : TimeSpan.FromTicks(sum);
    }

    private static bool TryTicks(ReadOnlySpan<char> number, long unit, out long ticks)
    {
        ticks = 0;
        if (number.Length > NumberChars || number[^1] == '.'
            || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value)
            || value * unit > MostDays * (decimal)TimeSpan.TicksPerDay)
        {
            return false;
        }

        ticks = (long)(value * unit);
        return true;
    }
}
