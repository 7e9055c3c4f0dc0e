using ValidonX.Platform.Databases;

namespace ValidonX.Platform.Licenses;

/// <summary>Which of a tenant's licenses are meant: those of a list, of an export, or of a change of many. What is null does not matter.</summary>
public sealed record LicenseSelection
{
    /// <summary>Only those in this state, as it is shown: <c>active</c>, <c>suspended</c>, <c>expired</c> or <c>revoked</c>.</summary>
    public string? Status { get; init; }

    /// <summary>Only those of this product.</summary>
    public Guid? ProductId { get; init; }

    /// <summary>Only those with this text in their key, or the customer's name or e-mail address.</summary>
    public string? Search { get; init; }

    /// <summary>Only these.</summary>
    public IReadOnlyList<Guid>? Ids { get; init; }

    /// <summary>Only those that were there at this moment.</summary>
    public DateTimeOffset? MadeUntil { get; init; }

    /// <summary>Whether a license is in force at a moment; <c>l</c> is <c>license_keys</c>. Computed from now, not from the expiry, which plus its grace may lie beyond what the server can tell.</summary>
    public static FormattableString InForce(DateTimeOffset now) =>
        $"""
        (l.expires_at IS NULL OR l.expires_at > {now} - INTERVAL COALESCE(
            CAST(JSON_UNQUOTE(JSON_EXTRACT(l.policy, '$.grace_days')) AS SIGNED),
            (SELECT CAST(JSON_UNQUOTE(JSON_EXTRACT(p.policy, '$.grace_days')) AS SIGNED) FROM products p WHERE p.id = l.product_id),
            l.grace_days) DAY)
        """;

    /// <summary>The conditions for a <c>WHERE</c>; <c>l</c> is <c>license_keys</c>.</summary>
    public IEnumerable<FormattableString> Conditions(DateTimeOffset now)
    {
        switch (Status)
        {
            case null:
                break;
            case "active":
                yield return $"l.status = 'active' AND {InForce(now)}";
                break;
            case "expired":
                yield return $"l.status = 'active' AND NOT {InForce(now)}";
                break;
            default:
                yield return $"l.status = {Status}";
                break;
        }

        if (ProductId is { } product)
        {
            yield return $"l.product_id = {product}";
        }

        if (Search is { } search)
        {
            var pattern = SqlPattern.Containing(search);
            yield return $"(CONVERT(l.license_key USING utf8mb4) LIKE {pattern} OR l.customer_name LIKE {pattern} OR l.customer_email LIKE {pattern})";
        }

        if (Ids is { } ids)
        {
            yield return $"l.id IN {ids.Select(id => id.ToString()).ToList()}";
        }

        if (MadeUntil is { } until)
        {
            yield return $"l.created_at <= {until}";
        }
    }

    /// <summary>Adds the conditions, and further ones, as a <c>WHERE</c>.</summary>
    public InterpolatedSql AddTo(InterpolatedSql sql, DateTimeOffset now, IReadOnlyList<FormattableString>? further = null)
    {
        List<FormattableString> all = [.. Conditions(now), .. further ?? []];
        return all.Count == 0 ? sql : sql.Add($" WHERE ").AddJoined(all, " AND ");
    }
}
