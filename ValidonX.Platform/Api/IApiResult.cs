using Microsoft.AspNetCore.Http;

namespace ValidonX.Platform.Api;

/// <summary>An answer in the envelope whose content is known before it is sent, so that it can be kept and given again.</summary>
public interface IApiResult : IResult
{
    /// <summary>The HTTP status.</summary>
    int Status { get; }

    /// <summary>Whether <see cref="Render"/> gives the <c>error</c> member rather than <c>data</c>.</summary>
    bool IsError { get; }

    /// <summary>The <c>Location</c> header, if any.</summary>
    string? Location { get; }

    /// <summary>The member's JSON as UTF-8; empty for an answer without a body.</summary>
    byte[] Render();
}
