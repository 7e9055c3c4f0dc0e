using Aspire.Hosting.ApplicationModel;

namespace ValidonX.Tests.NativeHosting;

public sealed class ReferenceExpressionTests
{
    private static readonly ParameterResource Password = new("password", _ => "p@ss/word", secret: true);

    [Fact]
    public async Task Holes_are_filled_when_the_value_is_asked_for()
    {
        var expression = ReferenceExpression.Create($"Server={"localhost"};Password={Password};{{braces}}");

        Assert.Equal("Server=localhost;Password=p@ss/word;{braces}", await expression.GetValueAsync(TestContext.Current.CancellationToken));
        Assert.Equal("Server=localhost;Password={password.value};{braces}", expression.ValueExpression);
    }

    [Fact]
    public async Task A_value_can_be_escaped_for_a_uri()
    {
        var expression = ReferenceExpression.Create($"mysql://root:{Password:uri}@localhost/{"a b":uri}");

        Assert.Equal("mysql://root:p%40ss%2Fword@localhost/a%20b", await expression.GetValueAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Expressions_can_be_parts_of_expressions()
    {
        var inner = ReferenceExpression.Create($"Password={Password}");

        Assert.Equal("Password=p@ss/word;Database=x", await ReferenceExpression.Create($"{inner};Database=x").GetValueAsync(TestContext.Current.CancellationToken));
    }
}
