using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Describes servers that Aspire runs in containers.</summary>
public static class ContainerResourceBuilderExtensions
{
    /// <summary>Chooses the container image's tag; without effect here, where the machine's own server is used.</summary>
    public static IResourceBuilder<T> WithImageTag<T>(this IResourceBuilder<T> builder, string tag)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(tag);
        return builder;
    }

    /// <summary>Chooses how long the container lives; without effect here, where nothing outlives the stack.</summary>
    public static IResourceBuilder<T> WithLifetime<T>(this IResourceBuilder<T> builder, ContainerLifetime lifetime)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        return Enum.IsDefined(lifetime) ? builder : throw new ArgumentOutOfRangeException(nameof(lifetime));
    }

    /// <summary>Keeps a server's data in a folder from run to run.</summary>
    internal static IResourceBuilder<T> WithVolume<T>(this IResourceBuilder<T> builder, string? name, bool isReadOnly)
        where T : ContainerResource
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (isReadOnly)
            throw new NotSupportedException("A server cannot run on read-only data here.");

        var volume = name ?? builder.Resource.Name;
        return volume.Any(character => !char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.')) || volume.StartsWith('.')
            ? throw new ArgumentException($"'{volume}' is not the name of a volume: use letters, digits, '-', '_' and '.'.", nameof(name))
            : builder.WithAnnotation(new DataVolumeAnnotation(volume), ResourceAnnotationMutationBehavior.Replace);
    }
}
