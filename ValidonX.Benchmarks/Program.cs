using System.CommandLine;
using ValidonX.Benchmarks.Gateway;

var root = new RootCommand("The numbers of ValidonX: every command starts what it needs, runs its contenders in turn and prints ratios.")
{
    GatewayCommand.Create(),
    ServeCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
