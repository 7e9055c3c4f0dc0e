namespace ValidonX.LicensingApi;

/// <summary>The answer to <c>DELETE</c>: the resource is gone for its owner.</summary>
internal sealed record DeletedAnswer(bool Deleted, Guid Id);
