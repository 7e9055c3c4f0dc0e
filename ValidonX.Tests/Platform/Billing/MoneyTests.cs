using FsCheck;
using FsCheck.Fluent;
using ValidonX.Platform.Billing;
using ValidonX.Platform.Plans;

namespace ValidonX.Tests.Platform.Billing;

/// <summary>Periods end where people expect, and no cent is made or lost.</summary>
public sealed class MoneyTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 10, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-01-31", 0, "2026-01-31")]
    [InlineData("2026-01-31", 1, "2026-02-28")]
    [InlineData("2026-01-31", 2, "2026-03-31")]
    [InlineData("2026-01-31", 3, "2026-04-30")]
    [InlineData("2027-12-31", 2, "2028-02-29")]
    [InlineData("2026-11-30", 3, "2027-02-28")]
    public void Months_are_counted_from_the_anchor(string anchor, int number, string start) =>
        Assert.Equal(Day(start), BillingPeriods.Start(Day(anchor), number, PlanPeriod.Month));

    [Fact]
    public void A_year_from_the_leap_day_comes_back_to_it()
    {
        Assert.Equal(Day("2029-02-28"), BillingPeriods.Start(Day("2028-02-29"), 1, PlanPeriod.Year));
        Assert.Equal(Day("2032-02-29"), BillingPeriods.Start(Day("2028-02-29"), 4, PlanPeriod.Year));
    }

    [Theory]
    [InlineData(4900, 0, 4900)]
    [InlineData(4900, 28, 0)]
    [InlineData(4900, 14, 2450)]
    [InlineData(1, 14, 1)]
    [InlineData(4900, -3, 4900)]
    [InlineData(4900, 30, 0)]
    public void The_rest_of_a_period_is_its_share_of_the_price_a_half_rounded_up(long price, int day, long rest) =>
        Assert.Equal(rest, Proration.Rest(price, Start, Start.AddDays(28), Start.AddDays(day)));

    /// <summary>
    /// Plans are changed any number of times in a period, also forth and back within one instant. What was charged less what was given back is, to the
    /// cent, the price of the first plan and for each change the worth of the rest on the new plan less that on the old; and it is never further from what the used
    /// parts are worth than half a cent for each change of each plan.
    /// </summary>
    [Fact]
    public void Changing_plans_neither_makes_nor_loses_money()
    {
        var change = from price in Gen.Choose(0, 5_000_000) from at in Gen.Choose(0, 2_678_400) select (Price: (long)price, At: at);
        var changes = from first in Gen.Choose(0, 5_000_000) from list in change.ListOf() select (First: (long)first, List: list.OrderBy(one => one.At).ToList());
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2_000),
            Prop.ForAll(changes.ToArbitrary(), story =>
            {
                var end = Start.AddMonths(1);
                var (paid, price, since, exact) = (story.First, story.First, Start, 0m);
                foreach (var (next, second) in story.List)
                {
                    var at = Start.AddSeconds(Math.Min(second, (end - Start).TotalSeconds));
                    var (back, charge) = (Proration.Rest(price, Start, end, at), Proration.Rest(next, Start, end, at));
                    Assert.InRange(back, 0, price);
                    Assert.InRange(charge, 0, next);
                    exact += price * ((at - since).Ticks / (decimal)(end - Start).Ticks);
                    paid += charge - back;
                    (price, since) = (next, at);
                }

                exact += price * ((end - since).Ticks / (decimal)(end - Start).Ticks);
                Assert.True(Math.Abs(paid - exact) <= story.List.Count, $"{paid} paid for {exact}");
            }));
    }

    /// <summary>Leaving a plan and taking it again, however often, comes to exactly the price less what the times without it were worth.</summary>
    [Fact]
    public void Leaving_a_plan_and_taking_it_again_adds_up_exactly()
    {
        var stops = from times in Gen.Choose(0, 2_419_200).ListOf() from price in Gen.Choose(0, int.MaxValue) select (Times: times.Order().ToList(), Price: (long)price);
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(2_000),
            Prop.ForAll(stops.ToArbitrary(), story =>
            {
                var end = Start.AddSeconds(2_419_200);
                // The parts between the changes add up to the whole, whatever each was rounded to.
                var marks = story.Times.Select(second => Start.AddSeconds(second)).Prepend(Start).Append(end).ToList();
                Assert.Equal(story.Price, marks.Zip(marks.Skip(1)).Sum(part =>
                {
                    var used = Proration.Rest(story.Price, Start, end, part.First) - Proration.Rest(story.Price, Start, end, part.Second);
                    Assert.True(used >= 0, "Time that is used is never paid back.");
                    return used;
                }));
            }));
    }

    [Theory]
    [InlineData(4900, 1900, 931)]
    [InlineData(1, 5000, 1)]
    [InlineData(1, 4999, 0)]
    [InlineData(0, 1900, 0)]
    [InlineData(100_000_000_000, 10_000, 100_000_000_000)]
    public void A_tax_is_rounded_once_for_the_invoice(long cents, int basisPoints, long tax) => Assert.Equal(tax, Tax.Of(cents, basisPoints));

    [Theory]
    [InlineData(100_000, 0)]
    [InlineData(99, 0)]
    [InlineData(100_049, 0)]
    [InlineData(100_050, 1)]
    [InlineData(101_000, 10)]
    [InlineData(long.MaxValue / 1_000_000, 92233719369)]
    public void Usage_costs_what_is_beyond_what_is_included(long used, long cents) =>
        Assert.Equal(cents, new PlanMeter { Metric = "api_calls", Included = 100_000, Unit = 1_000, PriceCents = 10 }.CostOf(used));

    private static DateTimeOffset Day(string text) => DateTimeOffset.Parse($"{text}T00:00:00Z", System.Globalization.CultureInfo.InvariantCulture);
}
