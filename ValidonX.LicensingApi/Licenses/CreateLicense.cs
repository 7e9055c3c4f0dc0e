using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Limits;
using ValidonX.LicensingApi.Policies;
using ValidonX.LicensingApi.Settings;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Licenses;

/// <summary>Makes a license, within what the plan allows.</summary>
internal sealed class CreateLicense(StateChanges changes, SettingsStore settings, TimeProvider time)
{
    /// <summary>Makes it, or says why not.</summary>
    public async Task<IResult> ExecuteAsync(TenantPlacement placement, string plan, NewLicense license, ChangeRequest<LicenseDetails> request)
    {
        // A key that was just drawn at random cannot be remembered as unknown anywhere; one of the vendor's own can.
        IReadOnlyCollection<Invalidation> stale = license.Key is { } own ? [LicenseViews.Changed(placement.TenantId, own)] : [];
        try
        {
            return await changes.InTenantAsync<LicenseDetails>(placement, request, async (transaction, token) =>
            {
                var created = await InsertAsync(transaction, plan, license, token);
                return new Changed<LicenseDetails>(created) { Stale = stale, Event = created.Value is { } made ? request.Audit.About("license", made.Id).Made(made, LicensingJson.Default.LicenseDetails) : null };
            });
        }
        catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
        {
            await changes.AnnounceAsync(stale);
            return ApiResult.Error(ApiErrors.Conflict("A license with this key exists already."));
        }
    }

    private async Task<Outcome<LicenseDetails>> InsertAsync(DbTransaction transaction, string plan, NewLicense request, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        string? prefix = null;
        var ofProduct = Policy.None;
        if (request.ProductId is { } productId)
        {
            var product = await transaction.Connection!.QuerySingleOrDefaultAsync<Product>(new CommandDefinition(
                "SELECT id, key_prefix, policy FROM products WHERE id = @productId LOCK IN SHARE MODE",
                new { productId },
                transaction,
                cancellationToken: cancellationToken));
            if (product is null)
            {
                return ApiErrors.ValidationFailed("product_id", "There is no such product.");
            }

            prefix = product.KeyPrefix;
            ofProduct = Policy.Parse(product.Policy);
        }

        if (await PlanLimit.Licenses.ReadAsync(transaction, cancellationToken) is { } limit
            && await PlanLimit.Licenses.TakeAsync(transaction, limit, now, cancellationToken) is (var current, false))
        {
            return ApiErrors.EntitlementLimitExceeded(PlanLimit.Licenses.Code, current, limit);
        }

        var own = request.OwnPolicy;
        var license = new LicenseRecord
        {
            Id = Guid.CreateVersion7(now),
            LicenseKey = request.Key ?? LicenseKeyText.Create(prefix),
            Type = request.Type,
            Status = LicenseStatus.Active,
            ProductId = request.ProductId,
            ExpiresAt = request.ExpiresAt ?? own.Over(ofProduct).ExpiryFrom(Policy.FromCreation, now),
            OwnPolicy = own,
            ProductPolicy = ofProduct,
            GraceDays = own.GraceDays ?? await settings.GraceDaysAsync(transaction, plan, cancellationToken),
            CustomerName = request.Customer?.Name,
            CustomerEmail = request.Customer?.Email,
            Metadata = request.Metadata.Text,
            CreatedAt = now,
        };
        await LicenseRows.InsertAsync(transaction, [(license, request.Entitlements.List)], now, cancellationToken);
        return license.Show(request.Entitlements.List, now);
    }

    private sealed class Product
    {
        public Guid Id { get; init; }

        public string? KeyPrefix { get; init; }

        public string? Policy { get; init; }
    }
}
