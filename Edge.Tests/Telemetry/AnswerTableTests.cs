using Edge.Http;
using Edge.Telemetry;
using Edge.Tests.Backends;

namespace Edge.Tests.Telemetry;

public sealed class AnswerTableTests
{
    [Fact]
    public void Each_status_that_is_known_is_counted_by_its_own_number_and_all_others_together()
    {
        var table = new AnswerTable();
        int[] known = [.. Enumerable.Range(100, 500).Where(s => { table.Count(1, s); return table.Of(1, s) == 1 && table.All().Any(a => a.Code == $"{s}"); })];
        Assert.Superset(new HashSet<int>(
            [100, 101, 200, 204, 207, 226, 301, 304, 400, 404, 408, 413, 418, 429, 431, 451, 499, 500, 502, 503, 504, 511, 520, 529]), new HashSet<int>(known));
        table.Count(1, 0);
        table.Count(1, 999);
        table.Count(1, -1);
        Dictionary<string, long> codes = table.All().ToDictionary(a => a.Code, a => a.Count);
        Assert.Equal((known.Length + 2, 1, 500 - known.Length + 2), (codes.Count, codes["none"], codes["other"]));
        Assert.Equal(503, table.Sum);
    }

    [Fact]
    public void A_method_has_a_row_from_its_first_answer_on_and_sums_keep_all_of_them()
    {
        AnswerTable one = new(), other = new(), sum = new();
        one.Count((int)Method.VersionControl, 200);
        one.Count((int)Method.Get, 304);
        other.Count((int)Method.Get, 304);
        one.AddTo(sum);
        other.AddTo(sum);
        Assert.Equal([new AnswerCount((int)Method.Get, "304", 2), new AnswerCount((int)Method.VersionControl, "200", 1)], sum.All());
        Assert.Equal((1, 0, 0), (one.Of((int)Method.Get, 304), one.Of((int)Method.Get, 200), one.Of((int)Method.Post, 200)));
    }

    [Fact]
    public void What_may_well_come_is_told_with_a_zero_before_it_has_come()
    {
        var table = new AnswerTable();
        table.Expect((int)Method.Get);
        table.Count((int)Method.Post, 201);
        Assert.Equal(
            [
                new AnswerCount((int)Method.Get, "503", 0), new AnswerCount((int)Method.Get, "none", 0),
                new AnswerCount((int)Method.Post, "201", 1), new AnswerCount((int)Method.Post, "503", 0), new AnswerCount((int)Method.Post, "none", 0),
            ],
            table.All(503, 0));
    }

    [Fact]
    public void Counting_allocates_nothing_once_a_method_has_its_row()
    {
        var table = new AnswerTable();
        table.Count((int)Method.Get, 200);
        Assert.Equal(0, Allocated.ByEachRun(() =>
        {
            for (int status = 0; status < 700; status++)
            {
                table.Count((int)Method.Get, status);
            }
        }));
    }
}
