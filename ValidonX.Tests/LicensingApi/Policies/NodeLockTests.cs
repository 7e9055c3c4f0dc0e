namespace ValidonX.Tests.LicensingApi.Policies;

/// <summary>CONTRACT §10: a machine is known by several components, and by how many of them says the policy.</summary>
[Collection(CrowdCollection.Name)]
public sealed class NodeLockTests(LicensingPlatform platform)
{
    [Theory]
    [InlineData("any", 1)]
    [InlineData("most", 3)]
    [InlineData("all", 4)]
    public async Task A_machine_is_the_same_when_as_many_components_are(string rule, int needed)
    {
        var tenant = await platform.CreateTenantAsync();
        var product = await tenant.CreateProductAsync(new { fingerprint_match = rule, max_activations = 1 });
        for (var same = 0; same <= 4; same++)
        {
            var (_, key) = await tenant.CreateLicenseAsync(new { product_id = product });
            var seat = (await tenant.App.TakeAsync(new { license_key = key, instance_id = "install-1", fingerprints = Machine(4) })).ShouldBe(201);
            Assert.Equal(["cpu", "disk", "mac", "ram"], seat.Data["activation"]!["components"]!.AsArray().Select(one => (string)one!));
            var changed = Machine(same);
            var isSame = same >= needed;

            foreach (var app in tenant.Apps)
            {
                var asked = (await app.AskAsync(seat.Id(), new { fingerprints = changed })).ShouldBe(200);
                Assert.Equal((isSame, isSame ? null : "fingerprint_mismatch"), ((bool)asked.Data["valid"]!, asked.Reason()));
                Assert.True((bool)(await app.AskAsync(seat.Id())).ShouldBe(200).Data["valid"]!);
            }

            // Under another name: a reinstallation, or another machine for which there is no seat.
            var other = await tenant.App.TakeAsync(new { license_key = key, instance_id = "install-2", fingerprints = changed });
            if (isSame)
            {
                Assert.Equal(seat.Id(), other.ShouldBe(200).Id());
            }
            else
            {
                other.ShouldBe(403, "ACTIVATION.LIMIT_EXCEEDED");
                // A copy calls itself the same and is none.
                Assert.Equal("fingerprint_mismatch", (await tenant.App.TakeAsync(new { license_key = key, instance_id = "install-1", fingerprints = changed })).ShouldBe(422, "ACTIVATION.INVALID").Reason());
                Assert.Equal("fingerprint_mismatch", (await tenant.App.ActivateAsync(key, "install-1")).ShouldBe(422, "ACTIVATION.INVALID").Reason());
            }
        }
    }

    [Fact]
    public async Task A_machine_may_change_piece_by_piece_and_every_replica_knows_it()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync(new { policy = new { max_activations = 1 } });
        var machine = Machine(4);
        var seat = (await tenant.App.TakeAsync(new { license_key = key, instance_id = "pc", fingerprints = machine })).ShouldBe(201).Id();
        foreach (var component in machine.Keys.ToList())
        {
            machine[component] = "new " + component;
            (await tenant.Apps[1].TakeAsync(new { license_key = key, instance_id = "pc", fingerprints = machine })).ShouldBe(200);
            foreach (var app in tenant.Apps)
            {
                Assert.True((bool)(await app.AskAsync(seat, new { fingerprints = machine })).ShouldBe(200).Data["valid"]!);
            }
        }

        Assert.False((bool)(await tenant.App.AskAsync(seat, new { fingerprints = Machine(4) })).ShouldBe(200).Data["valid"]!);
    }

    [Fact]
    public async Task Only_hashes_are_kept_and_they_differ_from_license_to_license()
    {
        var tenant = await platform.CreateTenantAsync();
        for (var i = 0; i < 2; i++)
        {
            var (_, key) = await tenant.CreateLicenseAsync();
            (await tenant.App.TakeAsync(new { license_key = key, instance_id = "pc", fingerprints = Machine(4) })).ShouldBe(201);
        }

        Assert.Equal(0, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM activations WHERE fingerprints LIKE '%serial%'"));
        Assert.Equal(0, await tenant.ScalarAsync<long>("SELECT COUNT(*) FROM outbox WHERE data LIKE '%serial%'"));
        Assert.Equal(2, await tenant.ScalarAsync<long>("SELECT COUNT(DISTINCT fingerprints) FROM activations"));
    }

    [Fact]
    public async Task One_machine_that_activates_under_many_names_at_once_takes_one_seat()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => tenant.Apps[i % 2].TakeAsync(new { license_key = key, instance_id = $"i{i}", fingerprints = Machine(4) })));

        Assert.Equal(1, answers.Count(answer => answer.Status == 201));
        Assert.Equal(11, answers.Count(answer => answer.Status == 200));
        Assert.Single(answers.Select(answer => answer.Id()).Distinct());
    }

    [Fact]
    public async Task Bad_components_are_refused()
    {
        var tenant = await platform.CreateTenantAsync();
        var (_, key) = await tenant.CreateLicenseAsync();
        foreach (var bad in new object[]
            { "x", new[] { "x" }, new { cpu = 1 }, new { cpu = "" }, new Dictionary<string, string> { ["a b"] = "x" }, Enumerable.Range(0, 17).ToDictionary(i => $"c{i}", _ => "x"), new { cpu = new string('x', 513) } })
        {
            Assert.Equal(["fingerprints"], (await tenant.App.TakeAsync(new { license_key = key, instance_id = "pc", fingerprints = bad })).ShouldBe(422).Details.AsObject().Select(one => one.Key));
        }
    }

    /// <summary>A machine of four components, the first ones as they were.</summary>
    private static Dictionary<string, string> Machine(int same) =>
        new[] { "cpu", "disk", "mac", "ram" }.Index().ToDictionary(one => one.Item, one => one.Index < same ? $"serial-{one.Item}" : $"other-{one.Item}");
}
