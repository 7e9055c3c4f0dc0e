namespace Aspire.Hosting.ApplicationModel;

/// <summary>Describes one resource while the app model is being built.</summary>
public interface IResourceBuilder<out T>
    where T : IResource
{
    /// <summary>The builder of the whole stack.</summary>
    IDistributedApplicationBuilder ApplicationBuilder { get; }

    /// <summary>The resource being described.</summary>
    T Resource { get; }

    /// <summary>Says something about the resource.</summary>
    /// <param name="annotation">What is said.</param>
    /// <param name="behavior">Whether earlier annotations of the same type are replaced.</param>
    IResourceBuilder<T> WithAnnotation<TAnnotation>(
        TAnnotation annotation,
        ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation;

    /// <inheritdoc cref="WithAnnotation{TAnnotation}(TAnnotation, ResourceAnnotationMutationBehavior)"/>
    IResourceBuilder<T> WithAnnotation<TAnnotation>(
        ResourceAnnotationMutationBehavior behavior = ResourceAnnotationMutationBehavior.Append)
        where TAnnotation : IResourceAnnotation, new() => WithAnnotation(new TAnnotation(), behavior);
}

/// <summary>What happens to earlier annotations of the same type.</summary>
public enum ResourceAnnotationMutationBehavior
{
    /// <summary>They stay.</summary>
    Append,

    /// <summary>They are removed.</summary>
    Replace,
}
