using System.Data.Common;
using Dapper;
using ValidonX.Coherence;
using ValidonX.LicensingApi.Changes;
using ValidonX.LicensingApi.Endpoints;
using ValidonX.LicensingApi.Limits;
using ValidonX.LicensingApi.Policies;
using ValidonX.Platform.Api;
using ValidonX.Platform.Databases;

namespace ValidonX.LicensingApi.Products;

/// <summary>A tenant's products.</summary>
internal sealed class ProductStore(TenantDatabases databases, StateChanges changes, TimeProvider time)
{
    private const string SubjectType = "product";

    /// <summary>Makes a product, within what the plan allows.</summary>
    public async Task<IResult> CreateAsync(
        TenantPlacement placement, NewProduct created, ChangeRequest<Product> request)
    {
        var now = time.GetUtcNow();
        var product = new Product
        {
            Id = Guid.CreateVersion7(now),
            Code = created.Code,
            Name = created.Name,
            KeyPrefix = created.KeyPrefix,
            Metadata = created.Metadata.Text,
            CreatedAt = now,
            UpdatedAt = now,
        };
        try
        {
            return await changes.InTenantAsync<Product>(placement, request, async (transaction, token) =>
            {
                var made = await InsertAsync(transaction, product, token);
                return new Changed<Product>(made)
                {
                    Event = made.Value is null
                        ? null
                        : request.Audit.About(SubjectType, product.Id).Made(product.Show(), LicensingJson.Default.ShownProduct),
                };
            });
        }
        catch (DbException taken) when (DatabaseError.IsDuplicateKey(taken))
        {
            return ApiResult.Error(ApiErrors.Conflict("A product with this code exists already."));
        }
    }

    /// <summary>One product, or <see langword="null"/>.</summary>
    public async Task<Product?> FindAsync(TenantPlacement placement, Guid id, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        return await scope.Connection.QuerySingleOrDefaultAsync<Product>(new CommandDefinition(
            $"SELECT {Product.Columns} FROM products WHERE id = @id",
            new { id },
            cancellationToken: cancellationToken));
    }

    /// <summary>One page, newest first.</summary>
    public async Task<(IReadOnlyList<Product> Items, string? NextCursor)> ListAsync(TenantPlacement placement, PageRequest page, CancellationToken cancellationToken)
    {
        await using var scope = await databases.OpenAsync(placement, cancellationToken);
        var rows = (await scope.Connection.QueryAsync<Product>(new CommandDefinition(
            $"SELECT {Product.Columns} FROM products {(page.Before is null ? "" : "WHERE id < @Before")} ORDER BY id DESC LIMIT @take",
            new { page.Before, take = page.Limit + 1 },
            cancellationToken: cancellationToken))).AsList();
        return page.Cut(rows, product => product.Id);
    }

    /// <summary>Replaces the rules of its licenses, if they are as the caller has seen them. When it returns, every replica judges by the new ones.</summary>
    public Task<IResult> ReplacePolicyAsync(TenantPlacement placement, Guid id, Policy policy, IfMatch seen, ChangeRequest<Product> request) =>
        changes.InTenantAsync<Product>(placement, request, async (transaction, token) =>
        {
            var before = await transaction.Connection!.QuerySingleOrDefaultAsync<Product?>(new CommandDefinition(
                $"SELECT {Product.Columns} FROM products WHERE id = @id FOR UPDATE",
                new { id },
                transaction,
                cancellationToken: token));
            if (before is null)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (seen.Refusal(before.Policy.Tag()) is { } refusal)
            {
                return refusal;
            }

            // Any number of licenses hold it, and rules change seldom: everything of the tenant is read anew.
            IReadOnlyCollection<Invalidation> stale = [Invalidation.OfTenant(placement.TenantId)];
            var text = policy.ToText();
            if (text == before.Policy.ToText())
            {
                return new Changed<Product>(before) { Stale = stale };
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "UPDATE products SET policy = @text, updated_at = @now WHERE id = @id",
                new { id, text, now = time.GetUtcNow() },
                transaction,
                cancellationToken: token));
            var after = before with { Policy = policy };
            return new Changed<Product>(after)
            {
                Stale = stale,
                Event = request.Audit.About(SubjectType, id).Changed(before.Policy, policy, LicensingJson.Default.Policy),
            };
        });

    /// <summary>Deletes a product that no license is of.</summary>
    public Task<IResult> DeleteAsync(TenantPlacement placement, Guid id, ChangeRequest<DeletedAnswer> request) =>
        changes.InTenantAsync<DeletedAnswer>(placement, request, async (transaction, token) =>
        {
            var product = await transaction.Connection!.QuerySingleOrDefaultAsync<Product?>(new CommandDefinition(
                $"SELECT {Product.Columns} FROM products WHERE id = @id FOR UPDATE",
                new { id },
                transaction,
                cancellationToken: token));
            if (product is null)
            {
                return ApiErrors.ResourceNotFound;
            }

            if (await transaction.Connection!.ExecuteScalarAsync<bool>(new CommandDefinition(
                "SELECT EXISTS (SELECT 1 FROM license_keys WHERE product_id = @id)",
                new { id },
                transaction,
                cancellationToken: token)))
            {
                return ApiErrors.Conflict("There are licenses of this product.");
            }

            await transaction.Connection!.ExecuteAsync(new CommandDefinition(
                "DELETE FROM products WHERE id = @id",
                new { id },
                transaction,
                cancellationToken: token));
            if (await PlanLimit.Products.ReadAsync(transaction, token) is not null)
            {
                await PlanLimit.Products.RecountAsync(transaction, time.GetUtcNow(), token);
            }

            return new Changed<DeletedAnswer>(new DeletedAnswer(true, id))
            {
                Event = request.Audit.About(SubjectType, id).Unmade(product.Show(), LicensingJson.Default.ShownProduct),
            };
        });

    private async Task<Outcome<Product>> InsertAsync(DbTransaction transaction, Product product, CancellationToken cancellationToken)
    {
        if (await PlanLimit.Products.ReadAsync(transaction, cancellationToken) is { } limit
            && await PlanLimit.Products.TakeAsync(transaction, limit, time.GetUtcNow(), cancellationToken) is (var current, false))
        {
            return ApiErrors.EntitlementLimitExceeded(PlanLimit.Products.Code, current, limit);
        }

        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            """
            INSERT INTO products (id, code, name, key_prefix, status, metadata, created_at, updated_at)
            VALUES (@Id, @Code, @Name, @KeyPrefix, @Status, @Metadata, @CreatedAt, @UpdatedAt)
            """,
            product,
            transaction,
            cancellationToken: cancellationToken));
        return product;
    }
}
