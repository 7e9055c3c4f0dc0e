using ValidonX.Gateway.Forwarding;

namespace ValidonX.Tests.Gateway.Forwarding;

public sealed class RetryBudgetTests
{
    [Fact]
    public void Repetitions_are_a_tenth_of_the_calls_and_ten_in_reserve()
    {
        var budget = new RetryBudget();
        var again = 0;

        for (var call = 0; call < 1_000; call++)
        {
            budget.Deposit();
            while (budget.TryWithdraw())
            {
                again++;
            }
        }

        Assert.InRange(again, 105, 110);
    }

    [Fact]
    public void However_many_ask_at_once_no_more_is_given()
    {
        var budget = new RetryBudget();
        var again = 0;

        Parallel.For(0, 100_000, call =>
        {
            budget.Deposit();
            if (budget.TryWithdraw())
            {
                Interlocked.Increment(ref again);
            }
        });

        Assert.InRange(again, 1, 10_010);
    }

    [Fact]
    public void What_is_not_needed_does_not_pile_up()
    {
        var budget = new RetryBudget();
        for (var call = 0; call < 10_000; call++)
        {
            budget.Deposit();
        }

        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => budget.TryWithdraw()));
    }
}
