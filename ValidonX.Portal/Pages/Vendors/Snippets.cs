namespace ValidonX.Portal.Pages.Vendors;

/// <summary>A first call in one language.</summary>
/// <param name="Language">The language.</param>
/// <param name="Command">How it is run, once the code is in the file that the command ends with.</param>
/// <param name="Code">The code.</param>
internal sealed record Snippet(string Language, string Command, string Code)
{
    /// <summary>The file.</summary>
    public string File => Command[(Command.LastIndexOf(' ') + 1)..];
}

/// <summary>A first call in four languages. The tests run each as the page says.</summary>
internal static class Snippets
{
    /// <summary>All of them.</summary>
    /// <param name="gateway">The gateway's address.</param>
    public static IReadOnlyList<Snippet> For(string gateway)
    {
        var address = gateway.TrimEnd('/');
        return
        [
            new("curl", "bash call.sh",
                $"""
                curl -s -X POST -H "X-API-Key: $VALIDONX_KEY" \
                  "{address}/v1/integration/licenses/$VALIDONX_LICENSE/validate"
                """),
            new("C#", "dotnet run call.cs",
                // Without the first line the SDK fetches a native compiler, which a call like this does not need.
                $$"""
                #:property PublishAot=false
                using System.Text.Json;

                using var http = new HttpClient { BaseAddress = new Uri("{{address}}") };
                http.DefaultRequestHeaders.Add("X-API-Key", Environment.GetEnvironmentVariable("VALIDONX_KEY"));
                var license = Uri.EscapeDataString(Environment.GetEnvironmentVariable("VALIDONX_LICENSE")!);
                using var answer = await http.PostAsync($"/v1/integration/licenses/{license}/validate", null);
                using var json = await JsonDocument.ParseAsync(await answer.Content.ReadAsStreamAsync());
                Console.WriteLine(json.RootElement.GetProperty("data"));
                """),
            new("JavaScript", "node call.js",
                $$"""
                const license = encodeURIComponent(process.env.VALIDONX_LICENSE);
                fetch(`{{address}}/v1/integration/licenses/${license}/validate`, {
                  method: "POST",
                  headers: { "X-API-Key": process.env.VALIDONX_KEY },
                }).then(async (answer) => console.log(JSON.stringify((await answer.json()).data)));
                """),
            new("Python", "python3 call.py",
                $$"""
                import json, os, urllib.parse, urllib.request

                license = urllib.parse.quote(os.environ["VALIDONX_LICENSE"], safe="")
                request = urllib.request.Request(
                    f"{{address}}/v1/integration/licenses/{license}/validate",
                    method="POST",
                    headers={"X-API-Key": os.environ["VALIDONX_KEY"]},
                )
                with urllib.request.urlopen(request) as answer:
                    print(json.dumps(json.load(answer)["data"]))
                """),
        ];
    }
}
