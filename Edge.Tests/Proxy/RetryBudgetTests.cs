using Edge.Proxy;

namespace Edge.Tests.Proxy;

public sealed class RetryBudgetTests
{
    [Fact]
    public void Without_requests_the_floor_of_ten_seconds_is_there()
    {
        var budget = new RetryBudget(20, 2);
        Assert.Equal(20, Take(budget, 0, 100));
        Assert.Equal(0, Take(budget, 9_999, 100));
        Assert.Equal(20, Take(budget, 10_000, 100));
    }

    [Fact]
    public void With_many_requests_their_share_is_there()
    {
        var budget = new RetryBudget(20, 1);
        for (int i = 0; i < 1000; i++)
        {
            budget.CountRequest(1_000 + i);
        }

        Assert.Equal(200, Take(budget, 2_000, 1_000));
    }

    [Fact]
    public void Requests_count_for_ten_seconds()
    {
        var budget = new RetryBudget(50, 0);
        for (int i = 0; i < 100; i++)
        {
            budget.CountRequest(5_000);
        }

        Assert.Equal(50, Take(budget, 14_999, 100));
        Assert.Equal(0, Take(budget, 15_000, 100));
        Assert.Equal(0, Take(budget, 1_000_000, 100));
    }

    [Fact]
    public void Nothing_allowed_is_nothing_made()
    {
        var budget = new RetryBudget(0, 0);
        budget.CountRequest(1);
        Assert.Equal(0, Take(budget, 1, 10));
    }

    [Fact]
    public void It_agrees_with_a_list_of_all_that_happened()
    {
        var random = new Random(7);
        var budget = new RetryBudget(30, 0.5);
        var requests = new List<long>();
        var retries = new List<long>();
        long now = 0;
        for (int step = 0; step < 20_000; step++)
        {
            now += random.Next(20) == 0 ? random.Next(15_000) : random.Next(30);
            if (random.Next(2) == 0)
            {
                budget.CountRequest(now);
                requests.Add(now);
                continue;
            }

            double allowed = Math.Max(InWindow(requests, now) * 0.3, 5);
            bool may = InWindow(retries, now) + 1 <= allowed;
            Assert.Equal(may, budget.TryTake(now));
            if (may)
            {
                retries.Add(now);
            }
        }

        static int InWindow(List<long> times, long now) => times.Count(t => t / 1000 > now / 1000 - RetryBudget.WindowSeconds);
    }

    private static int Take(RetryBudget budget, long now, int tries) => Enumerable.Range(0, tries).Count(_ => budget.TryTake(now));
}
