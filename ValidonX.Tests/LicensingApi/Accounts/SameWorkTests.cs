using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using ValidonX.Platform.Accounts;
using ValidonX.Platform.Callers;
using ValidonX.Tests.LicensingApi.Operators;

namespace ValidonX.Tests.LicensingApi.Accounts;

/// <summary>
/// Whether an address has an account is not to be told by time either. Time is not measured here, since it would tell little on a busy machine, but what takes it is counted: the hashes, and
/// the very statements that are sent to the database.
/// </summary>
[Collection(LicensingCollection.Name)]
public sealed class SameWorkTests(LicensingPlatform platform)
{
    [Fact]
    public async Task Known_and_unknown_addresses_cost_the_same_hashes_and_the_same_statements()
    {
        using var statements = new StatementsByTrace();
        await using var replica = await platform.StartReplicaAsync();
        var hasher = replica.Services.GetRequiredService<PasswordHasher>();
        var user = await TestUser.CreateAsync(platform);
        var one = await TestOperator.CreateAsync(platform);
        foreach (var (path, hashes) in new[] { ("/v1/auth/login", 1), ("/v1/auth/register", 1), ("/v1/auth/forgot-password", 0), ("/v1/auth/email/resend", 0), ("/auth/login", 1), ("/auth/forgot-password", 0) })
        {
            // What a process does once, it does here.
            await AskAsync(path, TestUser.NewAddress());

            var ofKnown = await AskAsync(path, path.StartsWith("/auth/", StringComparison.Ordinal) ? one.Email : user.Email);
            var ofUnknown = await AskAsync(path, TestUser.NewAddress());

            Assert.Equal((path, hashes, hashes), (path, ofKnown.Hashes, ofUnknown.Hashes));
            Assert.Equal(ofKnown.Status, ofUnknown.Status);
            Assert.NotEmpty(ofKnown.Statements);
            Assert.Equal(ofKnown.Statements, ofUnknown.Statements);
        }

        async Task<(int Status, long Hashes, IReadOnlyList<string> Statements)> AskAsync(string path, string email)
        {
            var trace = ActivityTraceId.CreateRandom();
            statements.Follow(trace);
            var before = hasher.Computed;
            var anyone = new ApiCaller(replica, platform, new CallerContext { Kind = CallerKind.Anonymous, ExpiresAt = LicensingPlatform.InAMinute });
            var answer = await anyone.SendAsync(
                HttpMethod.Post, path, new { name = "Ada", email, password = "not the password of it" }, ("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01"));
            return (answer.Status, hasher.Computed - before, statements.Of(trace));
        }
    }

    /// <summary>What is sent to databases in the course of requests that this test knows by their traces.</summary>
    private sealed class StatementsByTrace : IDisposable
    {
        private readonly ConcurrentDictionary<ActivityTraceId, ConcurrentQueue<string>> _traces = new();
        private readonly ActivityListener _listener;

        public StatementsByTrace()
        {
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name is "Microsoft.AspNetCore" or "MySqlConnector",
                Sample = (ref ActivityCreationOptions<ActivityContext> options) => _traces.ContainsKey(options.TraceId) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
                ActivityStopped = activity =>
                {
                    if (activity.Source.Name == "MySqlConnector" && _traces.TryGetValue(activity.TraceId, out var told))
                    {
                        told.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{activity.DisplayName}: {activity.GetTagItem("db.query.text") ?? activity.GetTagItem("db.statement")}"));
                    }
                },
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public void Follow(ActivityTraceId trace) => _traces[trace] = [];

        public IReadOnlyList<string> Of(ActivityTraceId trace) => [.. _traces[trace]];

        public void Dispose() => _listener.Dispose();
    }
}
