using System.Text;
using System.Text.Encodings.Web;

namespace ValidonX.Platform.Mail;

/// <summary>What a mail says, in both of its forms. Made of sentences and at most one link, all of which are encoded.</summary>
/// <param name="Subject">One line of ASCII.</param>
/// <param name="Text">The plain text.</param>
/// <param name="Html">The same as HTML, with nothing that has to be loaded.</param>
public sealed record MailText(string Subject, string Text, string Html)
{
    /// <summary>Makes both forms.</summary>
    /// <param name="subject">One line of ASCII.</param>
    /// <param name="before">Paragraphs.</param>
    /// <param name="link">What to open, if anything.</param>
    /// <param name="after">Paragraphs behind the link.</param>
    public static MailText Of(string subject, IReadOnlyList<string> before, Uri? link = null, IReadOnlyList<string>? after = null)
    {
        var html = HtmlEncoder.Default;
        var plain = new StringBuilder();
        var marked = new StringBuilder();
        Add(before);
        if (link is not null)
        {
            plain.Append(link.AbsoluteUri).Append("\n\n");
            var address = html.Encode(link.AbsoluteUri);
            marked.Append("<p><a href=\"").Append(address).Append("\">").Append(address).Append("</a></p>\n");
        }

        Add(after ?? []);
        plain.Append("-- \nValidonX\n");
        return new MailText(
            subject,
            plain.ToString(),
            $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>{html.Encode(subject)}</title></head>
            <body style="font-family:sans-serif;max-width:40em;margin:2em auto;line-height:1.5">
            {marked}<p style="color:#666">ValidonX</p>
            </body></html>

            """);

        void Add(IReadOnlyList<string> paragraphs)
        {
            foreach (var paragraph in paragraphs)
            {
                plain.Append(paragraph).Append("\n\n");
                marked.Append("<p>").Append(html.Encode(paragraph)).Append("</p>\n");
            }
        }
    }
}
